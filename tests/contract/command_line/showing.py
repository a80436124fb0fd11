"""A command that shows records and asks, to see the parts that all commands share at work."""

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import TypeAdapter

from cli import main
from cli.prompts import PasswordFile, Yes, agree, secret, show_exactly
from cli.tables import LIMIT, All, Column, Json, Limit, Offset, Order, show_list, show_one
from rounds.records.approvals import ApprovalStatus
from rounds.records.base import Record
from tests.contract.repository import ROOT

MODULE = "tests.contract.command_line.showing"
VARIABLES = {"LANG": "C.UTF-8"}
DIGEST = "0123456789ab" + 52 * "c"
app = typer.Typer()


class Place(Record):
    """Where a trial is."""

    city: str
    beds: int


class Trial(Record):
    """Something with a value of every kind."""

    id: int
    name: str = "Aspirates"
    status: ApprovalStatus = ApprovalStatus.PENDING
    digest: str = DIGEST
    score: float | None = 0.5
    is_open: bool = True
    at: datetime = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)
    place: Place = Place(city="Utrecht", beds=40)
    scores: dict[str, float] | None = None
    places: tuple[Place, ...] = ()


TRIALS = TypeAdapter(list[Trial])
COLUMNS = (
    Column("id"),
    Column("name"),
    Column("status"),
    Column("digest"),
    Column("score"),
    Column("is_open", "open"),
    Column("at"),
    Column("place.city", "city"),
)


def write_trials(folder: Path, *trials: Trial) -> str:
    """A file below `folder` that holds these trials."""
    file = folder / "trials.json"
    file.write_bytes(TRIALS.dump_json(list(trials)))
    return str(file)


def piped(
    *arguments: str, typed: str = "", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """How this command ends when its output goes into a pipe."""
    return subprocess.run(
        [sys.executable, "-m", MODULE, *arguments],
        cwd=ROOT,
        env={**VARIABLES, **(variables or {})},
        input=typed,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@app.command("list")
def list_trials(file: Path, total: int, *, offset: Offset = 0, as_json: Json = False) -> None:
    """Show the trials of a file."""
    trials = TRIALS.validate_json(file.read_bytes())
    show_list(trials, COLUMNS, total=total, as_json=as_json, offset=offset)


@app.command("show")
def show_trial(file: Path, *, as_json: Json = False) -> None:
    """Show the first trial of a file."""
    show_one(TRIALS.validate_json(file.read_bytes())[0], as_json=as_json)


@app.command()
def options(
    *,
    limit: Limit = LIMIT,
    offset: Offset = 0,
    order: Order = None,
    every: All = False,
) -> None:
    """Say what was asked for."""
    typer.echo(f"{limit} {offset} {order} {every}")


@app.command("agree")
def agree_to(question: str, *, yes: Yes = False) -> None:
    """Say whether it was agreed."""
    typer.echo(f"agreed: {agree(question, yes=yes)}")


@app.command("exactly")
def exactly(file: Path) -> None:
    """Show what would be sent."""
    show_exactly(TRIALS.validate_json(file.read_bytes())[0])


@app.command("secret")
def tell(*, password_file: PasswordFile = None, again: bool = False) -> None:
    """Tell a secret, which no other command does."""
    typer.echo(f"secret: {secret('Password', file=password_file, again=again)}")


if __name__ == "__main__":
    main.app.add_typer(app, name="try")
    sys.argv.insert(1, "try")
    main.run()
