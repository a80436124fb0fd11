"""The command's groups, and the table from our errors to exit codes."""

import sys
from collections.abc import Mapping

import typer

from cli import approvals, datasets, models, operation, people
from rounds.errors import (
    EgressDenied,
    IntegrityError,
    RegistryError,
    RoundsError,
    RunnerError,
    SpecError,
)

# 0 is success, 1 a fault of ours, 2 a wrong command line.
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
    "Exit codes: 0 well, 1 our fault, 2 command line, 3 document, 4 digest, 5 cube or program, "
    "6 kept home by policy, 7 registry.",
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


def exit_code(error: RoundsError) -> int:
    """The exit code of an error: its class's, or that of the class above it."""
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1)


def run() -> None:
    """Run the command; a refusal is one line (and, at a site, what its log holds) and an exit code."""
    try:
        app()
    except RoundsError as error:
        sys.stderr.write(f"rounds: [{error.code}] {error.summary}\n")
        if error.detail:
            sys.stderr.write(f"{error.detail}\n")
        sys.exit(exit_code(error))
