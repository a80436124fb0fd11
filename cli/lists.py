"""Every list of the registry as one kind of command: its route's filters, a page, and how it is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.sessions import visit
from cli.settings import signed_in
from cli.tables import LIMIT, All, Column, Json, Limit, Offset, Order, show_list

if TYPE_CHECKING:
    from rounds.client.registry import RegistryClient
    from rounds.records.base import Page, Record

Value = str | int | bool | None
PAGE: Final = 1000
PAGING: Final = (
    ("as_json", Json, False),
    ("limit", Limit, LIMIT),
    ("offset", Offset, 0),
    ("order", Order, None),
    ("every", All, False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of the registry, and how a person asks for it and sees it.

    Args:
        record: What it holds.
        path: The route's; a name in braces is one of `ids`.
        says: The command's help.
        columns: What is shown of each record.
        ids: What the command takes as its arguments; one that is not in the path is a filter.
        filters: The route's own, each with what it takes.
        fixed: Filters that are always set.
        needs_sign_in: False for what is public.
        empty: What is said of an empty list.
    """

    record: "type[Record]"
    path: str
    says: str
    columns: tuple[Column, ...]
    ids: tuple[str, ...] = ()
    filters: Mapping[str, type[str | int | bool | Enum]] = field(default_factory=dict)
    fixed: Mapping[str, Value] = field(default_factory=dict)
    needs_sign_in: bool = True
    empty: str = "none"

    def filters_of(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """The filters to send for what was given."""
        beside = [name for name in self.ids if f"{{{name}}}" not in self.path]
        return {name: given[name] for name in (*beside, *self.filters)} | dict(self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted; with `every` all of it, from the offset on."""

    limit: int
    offset: int
    order: str | None
    every: bool


def add_list(app: typer.Typer, listing: Listing, name: str = "list") -> None:
    """Give `app` the command that shows `listing`."""

    def show(
        *,
        as_json: bool,
        limit: int,
        offset: int,
        order: str | None,
        every: bool,
        **given: Value,
    ) -> None:
        window = Window(limit=limit, offset=offset, order=order, every=every)
        with signed_in() if listing.needs_sign_in else visit() as registry:
            page = _read(registry, listing, given, window)
        show_list(
            page.items,
            listing.columns,
            total=page.total,
            as_json=as_json,
            offset=offset,
            empty=listing.empty,
        )

    # typer reads a signature, and this one is the listing's.
    vars(show)["__signature__"] = Signature(list(_parameters(listing)))
    app.command(name, help=listing.says)(show)


def option_of(name: str) -> str:
    """How a route's filter is called at the terminal: `benchmark_id` is --benchmark, `is_valid` --valid."""
    return "--" + name.removesuffix("_id").removeprefix("is_").replace("_", "-")


def _parameters(listing: Listing) -> Iterator[Parameter]:
    kind = Parameter.KEYWORD_ONLY
    for name in listing.ids:
        yield Parameter(name, kind, annotation=int)
    for name, value in listing.filters.items():
        yield Parameter(name, kind, default=None, annotation=_annotation(name, value))
    for name, annotation, default in PAGING:
        yield Parameter(name, kind, default=default, annotation=annotation)


def _annotation(name: str, value: type[str | int | bool | Enum]) -> object:
    option = option_of(name)
    word = option.removeprefix("--")
    if value is bool:
        asked = typer.Option(f"{option}/--not-{word}", help=f"Only what is {word}, or is not.")
    elif value is int:
        asked = typer.Option(option, min=1, metavar="ID", help=f"Only of this {word}.")
    else:
        asked = typer.Option(option, help=f"Only with this {word}.")
    return Annotated[value | None, asked]


def _read(
    registry: "RegistryClient", listing: Listing, given: Mapping[str, Value], window: Window
) -> "Page[Record]":
    path = listing.path.format(**given)
    filters = listing.filters_of(given)
    limit = PAGE if window.every else window.limit
    page = registry.page(
        listing.record, path, limit=limit, offset=window.offset, order=window.order, **filters
    )
    found = list(page.items)
    while window.every and page.items and window.offset + len(found) < page.total:
        offset = window.offset + len(found)
        page = registry.page(
            listing.record, path, limit=PAGE, offset=offset, order=window.order, **filters
        )
        found.extend(page.items)
    return page.model_copy(update={"items": found})
