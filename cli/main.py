"""The command's groups, and the table from our errors to exit codes."""

import os
import sys
import traceback
from collections.abc import Mapping
from typing import Annotated

import typer

from cli import approvals, datasets, models, operation, people
from cli.settings import PATIENCE_S
from rounds.errors import (
    EgressDenied,
    IntegrityError,
    RegistryError,
    RoundsError,
    RunnerError,
    SpecError,
)

# 0 is success, 1 given up or a fault of ours or the machine's, 2 a wrong command line.
EXIT_CODES: Mapping[type[RoundsError], int] = {
    SpecError: 3,
    IntegrityError: 4,
    RunnerError: 5,
    EgressDenied: 6,
    RegistryError: 7,
}

app = typer.Typer(
    name="rounds",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Judge medical AI on data that never leaves its hospital. "
    "Exit codes: 0 well, 1 given up or our fault, 2 command line, 3 document, 4 data or digest, "
    "5 cube or program, 6 kept home by policy, 7 registry.",
)
app.add_typer(people.app, name="user", help="People and their tokens (administrators).")
app.add_typer(models.cubes, name="cube", help="Cubes: preparators, models, metrics.")
app.add_typer(models.benchmarks, name="benchmark", help="Benchmarks and their leaderboards.")
app.add_typer(models.associations, name="model", help="Models that join a benchmark.")
app.add_typer(datasets.app, name="dataset", help="This site's datasets.")
app.add_typer(approvals.app, name="approval", help="What waits for a decision, and deciding it.")
app.add_typer(operation.registry, name="registry", help="Run the registry.")
app.command("inbox")(approvals.inbox)
app.command("deploy")(operation.deploy)
app.command("demo")(operation.demo)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  the shape that typer calls
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rounds {version('rounds')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to go on asking a registry that is away.")
    ] = PATIENCE_S.get(),
    version: Annotated[  # noqa: ARG001  its callback does it all
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Take what holds for every command."""
    PATIENCE_S.set(patience)


def exit_code(error: RoundsError) -> int:
    """The exit code of an error: its class's, or that of the class above it."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1)


def run() -> None:
    """Run the command; a refusal is one line (and, at a site, what its log holds) and an exit code."""
    os.environ.setdefault("DO_NOT_TRACK", "1")  # or Prefect's client reports its use to its makers
    try:
        app()
    except RoundsError as error:
        _end(f"[{error.code}] {error.summary}", error.detail, code=exit_code(error))
    except OSError as error:
        line = f"[unexpected] found '{error.strerror}' on the disk, needed a file there; look at it"
        _end(line, str(error.filename or ""), code=1)
    except Exception as error:
        line = f"[unexpected] {type(error).__name__}, a fault of ours; please report what follows"
        _end(line, traceback.format_exc().rstrip(), code=1)


def _end(line: str, detail: str, *, code: int) -> None:
    sys.stderr.write(f"rounds: {line}\n")
    if detail and detail not in line:
        sys.stderr.write(f"{detail}\n")
    sys.exit(code)
