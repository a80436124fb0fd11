"""The command itself, and the table from our errors to exit codes."""

import os
import sys
import traceback
from collections.abc import Mapping
from typing import Annotated

import typer

from cli.late import LateGroup, name_commands
from cli.settings import PATIENCE_S, PROFILE
from rounds.errors import (
    Code,
    EgressDenied,
    IntegrityError,
    RegistryError,
    RoundsError,
    RunnerError,
    SignInNeeded,
    SpecError,
)

# 0 is success, 1 given up or a fault of ours or the machine's, 2 a wrong command line, 130 Ctrl-C.
EXIT_CODES: Mapping[type[RoundsError], int] = {
    SpecError: 3,
    IntegrityError: 4,
    RunnerError: 5,
    EgressDenied: 6,
    RegistryError: 7,
    SignInNeeded: 8,
}
HINTS: Mapping[Code, str] = {
    Code.SIGN_IN: " (rounds sign-in EMAIL)",
    Code.STALE_SIGN_IN: " (rounds sign-in EMAIL)",
    Code.SECOND_FACTOR: " (rounds sign-in EMAIL --code CODE)",
}

app = typer.Typer(
    name="rounds",
    cls=LateGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Judge medical AI on data that never leaves its hospital.",
    epilog="Exit codes: 0 well, 1 given up or our fault, 2 command line, 3 document, 4 data or digest, "
    "5 cube or program, 6 kept home by policy, 7 registry, 8 sign in first, 130 Ctrl-C.",
)
name_commands(app)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  the shape that typer calls
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rounds {version('rounds')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Use this profile, whatever is active.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to go on asking a registry that is away.")
    ] = PATIENCE_S.get(),
    version: Annotated[  # noqa: ARG001  its callback does it all
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Take what holds for every command."""
    PROFILE.set(profile)
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
        line = f"[{error.code}] {error.summary}{HINTS.get(error.code, '')}"
        _end(line, error.detail, code=exit_code(error))
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
