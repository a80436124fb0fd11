"""`rounds run`: what a site's cubes print, and ending them."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.cells import printable
from cli.settings import this_site
from cli.tables import Column, Json, show_list
from rounds.errors import SpecError
from rounds.records.base import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

app = typer.Typer(no_args_is_help=True)
LOOK_S: Final = 0.3
CHUNK: Final = 1 << 16
COLUMNS: Final = (Column("name"), Column("kilobytes", "kB"), Column("changed"))


class CubeLog(Record):
    """The log of one task of one cube on one input."""

    name: str
    kilobytes: int
    changed: datetime


@app.command()
def logs(
    name: Annotated[str | None, typer.Argument(help="A log's name, or how it begins.")] = None,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as it grows.")] = False,
    as_json: Json = False,
) -> None:
    """What cubes printed here, the latest last; with a name, its words. They never leave the site."""
    folder = this_site().workspace.folder("logs")
    files = sorted(folder.glob("*-*.log"), key=lambda file: file.stat().st_mtime)
    if name is None and not follow:
        rows = [_read(file) for file in files]
        show_list(rows, COLUMNS, total=len(rows), as_json=as_json, empty="no cube has run here yet")
        return
    for line in _lines(_chosen(files, name), follow=follow):
        typer.echo(printable(line))


@app.command()
def cancel(
    run: Annotated[str, typer.Argument(help="The flow run's id, as the Prefect UI shows it.")],
) -> None:
    """End a run: its cubes within seconds, then the run itself in Prefect."""
    from rounds import cancelling

    site = this_site()
    with site.registry:
        cancelling.cancel(site.workspace, run)
        typer.echo("its cubes end now; nothing more is started for it", err=True)
        _cancel_in_prefect(run)


def _cancel_in_prefect(run: str) -> None:
    from uuid import UUID

    import httpx
    from prefect.exceptions import ObjectNotFound

    from flows.runs import cancel_run

    try:
        accepted = cancel_run(UUID(run))
    except (httpx.HTTPError, ObjectNotFound, RuntimeError):
        typer.echo("Prefect does not know it or does not answer: its page goes on", err=True)
        return
    typer.echo("Prefect ends it" if accepted else "Prefect has ended it already", err=True)


def _read(file: Path) -> CubeLog:
    found = file.stat()
    changed = datetime.fromtimestamp(found.st_mtime, UTC)
    return CubeLog(name=file.stem, kilobytes=found.st_size // 1000, changed=changed)


def _chosen(files: list[Path], name: str | None) -> Path:
    """The log that is meant; the latest if none is named.

    Raises:
        SpecError: None, or several, begin like that.
    """
    found = [file for file in files if file.stem.startswith(name or "")]
    if name is None and found:
        return found[-1]
    if len(found) != 1:
        message = f"found {len(found)} logs of that name, needed one; see rounds run logs"
        raise SpecError(message)
    return found[0]


def _lines(file: Path, *, follow: bool) -> "Iterator[str]":
    """Each line once it is whole, the file before first; the last one as it is, if nobody waits for more."""
    from rounds.runners.call_log import before

    rest = b""
    files = [path for path in (before(file), file) if path.exists()]
    while files:
        with files.pop(0).open("rb") as opened:
            for chunk in _chunks(opened, file, follow=follow and not files):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (line.decode("utf-8", "replace") for line in whole)
        if follow and not files:
            files = [file]
    if rest:
        yield rest.decode("utf-8", "replace")


def _chunks(opened: "BinaryIO", file: Path, *, follow: bool) -> "Iterator[bytes]":
    """What a log's file holds; if it is followed, until another one has taken its name."""
    while True:
        is_full = file.exists() and not os.path.samestat(os.fstat(opened.fileno()), file.stat())
        while chunk := opened.read(CHUNK):
            yield chunk
        if not follow or is_full:
            return
        time.sleep(LOOK_S)
