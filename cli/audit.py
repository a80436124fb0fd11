"""`rounds audit`: the log of every write, and whether it is whole."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.lists import Listing, add_list
from cli.settings import signed_in
from cli.tables import Column, Json, show_one
from rounds.records.service import AuditEntry

app = typer.Typer(no_args_is_help=True)
SHA256: Final = re.compile(r"[0-9a-f]{64}")

add_list(
    app,
    Listing(
        record=AuditEntry,
        path="/audit",
        says="Every write so far (administrators).",
        columns=(
            Column("id"),
            Column("at"),
            Column("user_id", "user"),
            Column("token_label", "token"),
            Column("action"),
            Column("subject"),
            Column("position"),
            Column("sha256"),
        ),
        filters={"action": str, "subject": str, "user_id": int},
    ),
)


def _sha256(text: str | None) -> str | None:
    if text is not None and not SHA256.fullmatch(text):
        raise typer.BadParameter("found no sha256, needed its 64 hex digits, in small letters")
    return text


Head = Annotated[
    str | None,
    typer.Option(help="The sha256 that you noted of an earlier head.", callback=_sha256),
]


@app.command()
def head(*, as_json: Json = False) -> None:
    """The end of the sealed log. Note its sha256 elsewhere (administrators)."""
    show_one(signed_in().audit_head(), as_json=as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where it goes; one that is there is replaced.")],
    *,
    head: Head = None,
) -> None:
    """Write the sealed log into a file. It is verified there (administrators)."""
    from cli.audit_export import export_log

    with signed_in() as registry:
        found = export_log(registry, file, head=head)
    typer.echo(f"{found.entries} entries, chain whole, head {found.sha256}")


@app.command()
def verify(
    file: Annotated[
        typer.FileText,
        typer.Argument(help="An export of the log, or - for what comes in.", errors="replace"),
    ],
    head: Head = None,
) -> None:
    """Find any edit in an exported log; asks no registry."""
    from rounds.audit import LONGEST_LINE, verify_lines

    # Never a whole line of a stranger's file: one that is too long is cut, and then refused.
    lines = iter(partial(file.readline, LONGEST_LINE + len("\n") + 1), "")
    found = verify_lines(lines, head=head)
    typer.echo(f"{found.entries} entries, chain whole, head {found.sha256}")
