"""One way to show a list or a thing, by who reads it.

* With `--json`: the records as JSON, all fields, exact values, nothing else on stdout. It is the promise for scripts.
* At a terminal: a table that fits its width. Free text and digests may be shortened, ids and numbers never.
* Into a file or a pipe: one record a line, columns parted by tabs, whole values, no heading.

Remarks ("12 of 11,000; --offset 12 for more") go to stderr. Values are shown as they are, never read as
markup; what a terminal would obey (control characters, escape sequences, marks that turn text around) is
shown as JSON's escape for it.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rounds.records.base import Record

LIMIT: Final = 50
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else; for scripts.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")]
Offset = Annotated[int, typer.Option(min=0, help="How many to pass over first.")]
Order = Annotated[
    str | None, typer.Option(metavar="FIELD", help="By this field; -FIELD for descending.")
]
All = Annotated[bool, typer.Option("--all", help="Show every page.")]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a field of each record, dotted if it lies deeper, and another heading than its name."""

    field: str
    heading: str = ""

    @property
    def title(self) -> str:
        """What stands above it."""
        return self.heading or self.field.replace("_", " ")


def show_list(
    records: Sequence["Record"],
    columns: Sequence[Column],
    *,
    total: int,
    as_json: bool,
    offset: int = 0,
    empty: str = "none",
) -> None:
    """Show some of `total` records, those after the first `offset`, and remark how to see more.

    Args:
        empty: The remark if there is nothing at all.
    """
    from cli.cells import escape_what_lacks, text_of

    escape_what_lacks(sys.stdout)
    if as_json:
        _write_json([record.model_dump(mode="json") for record in records])
    else:
        read = [attrgetter(column.field) for column in columns]
        rows = [[value(record) for value in read] for record in records]
        if sys.stdout.isatty() and rows:
            from cli.screen import print_table

            print_table([column.title for column in columns], rows)
        else:
            _write_lines([text_of(value) for value in row] for row in rows)
    _remark(len(records), offset=offset, total=total, empty="" if as_json else empty)


def show_one(record: "Record", *, as_json: bool) -> None:
    """Show every field of a record, a line each; a field within another by its dotted name."""
    from cli.cells import escape_what_lacks, flat, printable, text_of

    escape_what_lacks(sys.stdout)
    if as_json:
        _write_json(record.model_dump(mode="json"))
        return
    rows = [(printable(name), text_of(value)) for name, value in flat(record.model_dump())]
    if sys.stdout.isatty():
        from cli.screen import print_fields

        print_fields(rows)
    else:
        _write_lines(rows)


def _remark(shown: int, *, offset: int, total: int, empty: str) -> None:
    last = offset + shown
    if total == 0:
        typer.echo(empty, err=True, nl=bool(empty))
    elif shown == 0:
        typer.echo(f"none after the first {offset:,} of {total:,}", err=True)
    elif last < total:
        which = f"{offset + 1:,} to {last:,}" if offset else f"{shown:,}"
        typer.echo(f"{which} of {total:,}; --offset {last} for more", err=True)


def _write_json(document: object) -> None:
    import json

    # Not a character of it is one that a terminal obeys, or one that its encoding lacks.
    _write(json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False))


def _write_lines(rows: Iterable[Sequence[str]]) -> None:
    _write("\n".join("\t".join(row) for row in rows))


def _write(text: str) -> None:
    if text:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
