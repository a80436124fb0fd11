"""Files for secrets that the registry shows once: there is a place for each before it is made."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.sessions import freshly
from rounds.secret_files import write_secret

if TYPE_CHECKING:
    from rounds.records.people import Token

InvitationFile = Annotated[
    Path,
    typer.Argument(help="Where the invitation goes, mode 0600; hand it over as you would a key."),
]


def keep_secret(file: Path, make: "Callable[[], Token]") -> "Token":
    """What `make` made, its secret written into a file that only its owner reads.

    The folder is there before anything is made: a secret with nowhere to go would be lost.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    made = make()
    write_secret(file, made.secret or "")
    return made


def keep_invitation(user_id: int, file: Path) -> None:
    """Invite a person, freshly signed in, and say where the invitation is."""
    made = keep_secret(file, lambda: freshly(lambda registry: registry.invite(user_id)))
    until = f"{made.expires_at:%Y-%m-%d}"
    typer.echo(f"invitation of user {user_id}, until {until}, in {file.name}")
    typer.echo(f"for them: rounds sign-in --invitation {file.name}", err=True)
