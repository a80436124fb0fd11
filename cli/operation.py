"""`rounds demo`, `rounds deploy` and `rounds registry`: putting it up."""

from pathlib import Path
from typing import Annotated

import typer

registry = typer.Typer(no_args_is_help=True)
PLAIN_WIDTH = 110


def demo(
    engine: Annotated[str, typer.Option(help="process or docker")] = "process",
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


def deploy() -> None:
    """Create the work pools and deployments on the Prefect server in use."""
    from deployments.put_up import put_up

    put_up()


@registry.command()
def init(database: Path, token_file: Path, email: str, name: str) -> None:
    """Create the database and the first administrator, whose token goes into a 0600 file."""
    from registry_api.bootstrap import first_administrator

    first_administrator(database, token_file, email=email, name=name)
