"""`rounds workspace`: what lies on a site's disk, and making room without losing what is needed."""

import re
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.prompts import Yes, agree
from cli.settings import PATIENCE_S, this_site
from cli.tables import Column, Json, show_list
from rounds.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rounds.housekeeping.pins import Facts
    from rounds.housekeeping.survey import Item
    from rounds.sites import Site

app = typer.Typer(no_args_is_help=True)
KEY_DIGITS: Final = 64
_UNITS: Final = {
    f"{prefix}{ending}": base**power
    for ending, base in (("B", 1000), ("iB", 1024))
    for power, prefix in enumerate(("", "K", "M", "G", "T"))
} | {"kB": 1000, "": 1}
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([kKMGT]?i?B)?")


class Stage(Record):
    """What a stage, or a folder of the workspace, holds; `writing` says what is being written there now."""

    place: str
    kind: str
    n: int
    files: int
    bytes: int
    pinned_bytes: int
    writing: str


class Thing(Record):
    """One thing of the workspace; `pinned` says why it stays."""

    place: str
    kind: str
    name: str
    datasets: tuple[int, ...]
    cube: str
    files: int
    bytes: int
    used: datetime
    pinned: str


STAGES: Final = (
    Column("place"),
    Column("kind"),
    Column("n"),
    Column("files"),
    Column("bytes"),
    Column("pinned_bytes"),
    Column("writing"),
)
THINGS: Final = (
    Column("place"),
    Column("kind"),
    Column("name"),
    Column("datasets"),
    Column("cube"),
    Column("files"),
    Column("bytes"),
    Column("used"),
    Column("pinned"),
)


def _a_size(text: str) -> int:
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter("needed a size such as 50GB, 500MB or 1.5TiB")
    return int(float(found[1]) * _UNITS[found[2] or ""])


@app.command()
def show(
    *,
    items: Annotated[
        bool, typer.Option("--items", help="Each thing: whose it is, and why it stays.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What lies in the workspace by stage: how much, what must stay, what is being written."""
    site = _patient_site()
    with site.registry:
        found, facts = _look(site)
    if items:
        things = _things(found, facts, site)
        show_list(things, THINGS, total=len(things), as_json=as_json, empty="nothing lies here yet")
        return
    stages = _stages(found, facts)
    show_list(stages, STAGES, total=len(stages), as_json=as_json, empty="nothing lies here yet")


@app.command()
def prune(
    budget: Annotated[
        int,
        typer.Option(metavar="SIZE", parser=_a_size, help="What may stay, such as 50GB."),
    ],
    *,
    yes: Yes = False,
) -> None:
    """Remove what was used longest ago until the rest fits; what must stay stays."""
    from rounds.housekeeping import pins, pruning

    site = _patient_site()
    with site.registry:
        found, facts = _look(site)
    made = pruning.plan(found, pins.pinned(found, facts), budget_bytes=budget)
    for thing in _things(made.remove, facts, site, among=found):
        typer.echo(f"{thing.place} {thing.name} {_size(thing.bytes)}, used {thing.used:%Y-%m-%d}")
    _remark(made.left_bytes, made.pinned_bytes, budget=budget)
    if not made.remove:
        typer.echo("nothing to remove")
        return
    freed = sum(item.n_bytes for item in made.remove)
    if not agree(f"Remove {len(made.remove)} things, {_size(freed)}?", yes=yes):
        typer.echo("nothing is removed", err=True)
        raise typer.Exit(1)
    gone = pruning.prune(site.workspace, site.context.supplies.cache, made.remove)
    if kept := len(made.remove) - len(gone):
        typer.echo(f"{kept} came into use meanwhile and stay", err=True)
    typer.echo(f"freed {_size(sum(item.n_bytes for item in gone))}")


def _patient_site() -> "Site":
    """The site here; a registry that is away is not waited for as long as a worker would."""
    from rounds.sites import open_site

    profile = this_site().profile
    access = profile.registry.model_copy(update={"patience_s": PATIENCE_S.get()})
    return open_site(profile.model_copy(update={"registry": access}))


def _look(site: "Site") -> "tuple[list[Item], Facts]":
    from rounds.housekeeping import pins, survey

    facts = pins.read_facts(site, now=datetime.now(UTC))
    return survey.survey(site.workspace, site.context.supplies.cache), facts


def _things(
    items: "Iterable[Item]", facts: "Facts", site: "Site", *, among: "Iterable[Item] | None" = None
) -> list[Thing]:
    from rounds import catalogue
    from rounds.housekeeping import pins

    shown = list(items)
    everything = shown if among is None else list(among)
    why, entries = pins.pinned(everything, facts), catalogue.entries(site.workspace)
    return [
        Thing(
            place=item.place,
            kind=item.kind,
            name=_name(item),
            datasets=pins.dataset_of(item, everything, entries),
            cube=str(item.inputs.get("cube", ""))[:16],
            files=item.n_files,
            bytes=item.n_bytes,
            used=item.used,
            pinned=why.get(item.path, ""),
        )
        for item in shown
    ]


def _stages(items: "list[Item]", facts: "Facts") -> list[Stage]:
    from rounds.housekeeping import pins

    why = pins.pinned(items, facts)

    def place(item: "Item") -> tuple[str, str]:
        return item.kind, item.place

    return [
        _stage(*name, list(group), why) for name, group in groupby(sorted(items, key=place), place)
    ]


def _stage(kind: str, place: str, items: "list[Item]", why: "dict[Path, str]") -> Stage:
    writing = [
        said for item in items if (said := why.get(item.path, "")).startswith("being written")
    ]
    return Stage(
        place=place,
        kind=kind,
        n=len(items),
        files=sum(item.n_files for item in items),
        bytes=sum(item.n_bytes for item in items),
        pinned_bytes=sum(item.n_bytes for item in items if item.path in why),
        writing="; ".join(writing),
    )


def _name(item: "Item") -> str:
    """Short enough for a line: a key's beginning, as logs are called, or the file's name."""
    number = f"/{item.path.name}" if item.path.name.isdigit() else ""
    return f"{item.key[:16]}{number}" if len(item.key) == KEY_DIGITS else item.path.name


def _remark(left: int, held: int, *, budget: int) -> None:
    if left > budget:
        pinned = f"{_size(held)} are pinned; rounds workspace show --items says why"
        typer.echo(f"{_size(left)} stay, more than {_size(budget)}: {pinned}", err=True)


def _size(size: int) -> str:
    for power, unit in ((4, "TB"), (3, "GB"), (2, "MB"), (1, "kB")):
        if size >= 1000**power:
            return f"{size / 1000**power:.3g} {unit}"
    return f"{size} B"
