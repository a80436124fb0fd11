"""`rounds registry`, `rounds deploy` and `rounds demo`: putting it up and keeping it well."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from registry_api.storage.backup import Summary
    from registry_api.storage.database import Database

app = typer.Typer(no_args_is_help=True)
registry = typer.Typer(no_args_is_help=True)
PLAIN_WIDTH: Final = 110
Address = Annotated[
    str | None,
    typer.Option(
        help="A SQLite file, or postgresql://host/name; else what ROUNDS_REGISTRY_DATABASE says."
    ),
]


@app.command()
def demo(
    engine: Annotated[str, typer.Option(help="process, docker or apptainer")] = "process",
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it up and print where.")] = False,
) -> None:
    """Three hospitals, four models, one leaderboard, below .demo/ of this folder."""
    from rich.console import Console

    from rounds.errors import SpecError
    from site_profiles.models import Engine

    if engine not in list(Engine):
        raise SpecError(f"found no engine of that name, needed one of: {', '.join(Engine)}")
    from deployments.demo.run import run_demo

    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    run_demo(Path(".demo"), engine=Engine(engine), keep=keep, console=console)


@app.command()
def deploy() -> None:
    """Create the work pools and deployments on the Prefect server in use."""
    from deployments.put_up import put_up

    put_up()


@registry.callback()
def prepare() -> None:
    """Run the registry."""
    os.umask(0o077)  # its database, its backups and its secrets are for nobody else


@registry.command()
def init(
    email: Annotated[str, typer.Argument(help="The first administrator's.")],
    name: Annotated[str, typer.Argument(help="The first administrator's.")],
    *,
    invitation_file: Annotated[
        Path, typer.Option(help="Gets the invitation, with which they choose a password.")
    ],
    database: Address = None,
) -> None:
    """Make the tables and the first administrator."""
    from registry_api import __main__ as service
    from registry_api.settings import settings_from

    where = settings_from(database=database).database
    service.init(database=where, invitation_file=invitation_file, email=email, name=name)
    typer.echo(f"the invitation is in {invitation_file.name}")
    typer.echo(f"next: rounds sign-in --invitation {invitation_file.name}", err=True)


@registry.command()
def serve(
    *,
    database: Address = None,
    host: Annotated[str, typer.Option(help="Leave it, and put a proxy with TLS in front.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")] = 8480,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes serve.")] = 1,
) -> None:
    """Serve until a signal ends it; ROUNDS_REGISTRY_* say the rest."""
    from registry_api import __main__ as service
    from registry_api.settings import settings_from

    service.serve(settings_from(database=database), host=host, port=port, workers=workers)


@registry.command()
def migrate(*, database: Address = None) -> None:
    """Bring the tables up to this version's. Stop the registry first; keep a backup."""
    from registry_api.storage.migrating import upgrade

    with _opened(database) as opened:
        upgrade(opened.engine)
    typer.echo("the tables are up to date")


@registry.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where it goes, mode 0600.")],
    *,
    database: Address = None,
) -> None:
    """Write all that it holds into one file. The registry may go on meanwhile."""
    from registry_api.storage.backup import backup as write_backup

    with _opened(database) as opened:
        typer.echo(f"kept {_held(write_backup(opened, file))}, in {file.name}")


@registry.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What rounds registry backup wrote.")],
    *,
    database: Address = None,
) -> None:
    """Make what a backup holds of an empty database, of either kind."""
    from registry_api.settings import settings_from
    from registry_api.storage.backup import restore as read_backup

    address = settings_from(database=database).database
    typer.echo(f"restored {_held(read_backup(address, file))}")


@registry.command()
def check(*, database: Address = None) -> None:
    """Find what was changed past the registry. In its rows, and in its audit log."""
    from registry_api.checking import check as examine

    with _opened(database) as opened:
        found = examine(opened)
    typer.echo(
        f"{found.rows} rows and {found.entries} entries of the audit log are whole"
        f"; {found.unsealed} not sealed yet"
    )


@contextmanager
def _opened(address: str | None) -> "Iterator[Database]":
    from registry_api.settings import settings_from
    from registry_api.storage.database import Database

    with closing(Database(settings_from(database=address).database)) as opened:
        yield opened


def _held(summary: "Summary") -> str:
    rows = f"{sum(summary.rows.values())} rows"
    if summary.audit is None:
        return rows
    return f"{rows}, audit log of {summary.audit.entries} entries, head {summary.audit.sha256}"
