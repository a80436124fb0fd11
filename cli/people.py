"""`rounds user`: accounts and tokens."""

from pathlib import Path
from typing import Annotated

import typer

from cli.settings import signed_in, typed

app = typer.Typer(no_args_is_help=True)
MARK = "\tadministrator"


@app.command()
def add(name: str, email: str) -> None:
    """Add a person and print their id."""
    from rounds.records.people import UserIn

    user = signed_in().add_user(typed(UserIn, name=name, email=email))
    typer.echo(f"user {user.id}")


@app.command("list")
def list_users() -> None:
    """Everyone."""
    for user in signed_in().users():
        typer.echo(f"{user.id}\t{user.name}\t{user.email}{MARK if user.is_admin else ''}")


@app.command()
def token(
    user_id: int,
    file: Annotated[Path, typer.Argument(help="Where the secret goes; only you can read it.")],
    *,
    decide: Annotated[bool, typer.Option(help="May approve and release; for people only.")] = False,
    site: Annotated[str | None, typer.Option(help="Only for this site's worker.")] = None,
) -> None:
    """Mint a token into a file."""
    from rounds.records.people import Scope, TokenIn
    from rounds.secret_files import write_secret

    scopes = (Scope.READ, Scope.WRITE, *((Scope.DECIDE,) if decide else ()))
    wanted = typed(TokenIn, label=file.stem, scopes=scopes, site=site)
    file.parent.mkdir(parents=True, exist_ok=True)  # a secret with nowhere to go would be lost
    minted = signed_in().mint_token(user_id, wanted)
    write_secret(file, minted.secret or "")
    typer.echo(f"token {minted.id}, until {minted.expires_at:%Y-%m-%d}, in {file.name}")
