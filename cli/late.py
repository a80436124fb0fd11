"""Commands whose files are imported when they are called for, so that help and completion start at once."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    from typer._click import Command, Context

# A name, the Typer that holds it (or is it), and what the help says of it.
COMMANDS: Final = (
    ("sign-in", "cli.sign_in:app", "Sign in: by password, invitation or provider."),
    ("sign-out", "cli.sign_in:app", "End your sign-in."),
    ("password", "cli.sign_in:app", "Choose a new password."),
    ("second-factor", "cli.second_factor:app", "The one-time codes of your sign-in."),
    ("status", "cli.status:app", "Who you are, where, and what you may do."),
    ("profile", "cli.profiles:app", "The registries that you work with, by names."),
    ("inbox", "cli.inbox:app", "What waits for you."),
    ("approval", "cli.approvals:app", "What is to be decided, and deciding it."),
    ("user", "cli.people:app", "People and their accounts."),
    ("org", "cli.organisations:app", "Organisations and their members."),
    ("token", "cli.tokens:app", "Tokens for workers and scripts."),
    ("cube", "cli.cubes:app", "Cubes: preparators, models, metrics."),
    ("benchmark", "cli.benchmarks:app", "Benchmarks and their leaderboards."),
    ("dataset", "cli.datasets:app", "Datasets; at a site, its own."),
    ("model", "cli.models:app", "Models that join a benchmark."),
    ("association", "cli.associations:app", "Who has joined a benchmark, or asks to."),
    ("test", "cli.compatibility:app", "Try a model on a benchmark's demo data, here."),
    ("run", "cli.runs:app", "At a site: what its cubes print, and ending them."),
    ("image", "cli.images:app", "At a site: the images that its cubes run in."),
    ("predictions", "cli.predictions:app", "At a site: a model's worst and best cases."),
    ("workspace", "cli.workspace:app", "At a site: what its disk holds, and making room."),
    ("cell", "cli.results:cells", "Each dataset x model, and where it stands."),
    ("execution", "cli.results:executions", "Each attempt at a cell."),
    ("result", "cli.results:results", "What was released."),
    ("publication", "cli.results:publications", "What was published."),
    ("audit", "cli.audit:app", "The log of every write."),
    ("outbox", "cli.outbox:app", "What Prefect is to be told."),
    ("registry", "cli.operation:registry", "Run the registry."),
    ("deploy", "cli.operation:app", "Create the work pools and deployments in Prefect."),
    ("demo", "cli.operation:app", "Three hospitals, four models, one leaderboard."),
)
PLACES: Final = {name: place for name, place, _ in COMMANDS}


class LateGroup(TyperGroup):
    """The commands by name and help alone, each imported when it is called for."""

    def resolve_command(
        self, ctx: "Context", args: list[str]
    ) -> "tuple[str | None, Command | None, list[str]]":
        """The command that is meant, whole, and its own arguments."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in PLACES and command is not None:
            command = _load(name, says=command.help)
        return name, command, rest


def name_commands(app: typer.Typer) -> None:
    """Have `app`, whose class is `LateGroup`, know every command by name and help."""
    for name, _, says in COMMANDS:
        app.add_typer(typer.Typer(), name=name, help=says)


def _load(name: str, *, says: str | None) -> "Command":
    module, _, attribute = PLACES[name].partition(":")
    app: typer.Typer = getattr(import_module(module), attribute)
    app.rich_markup_mode = None
    group = get_group(app)
    if verb := group.commands.get(name):
        return verb
    group.help = says
    return group
