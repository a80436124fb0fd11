"""`rounds user`: people and their accounts."""

from pathlib import Path
from typing import Annotated

import typer

from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.secret_places import InvitationFile, keep_invitation
from cli.sending import ask, change_of, need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.tables import Column, Json, show_one
from rounds.records.people import User, UserChange, UserIn

app = typer.Typer(no_args_is_help=True)

add_list(
    app,
    Listing(
        record=User,
        path="/users",
        says="The people that you may know of.",
        columns=(
            Column("id"),
            Column("name"),
            Column("email", "e-mail"),
            Column("is_admin", "administrator"),
            Column("has_password", "password"),
            Column("has_second_factor", "second factor"),
            Column("is_valid", "valid"),
        ),
        filters={"email": str, "is_valid": bool},
    ),
)


@app.command()
def show(user_id: int, *, as_json: Json = False) -> None:
    """One person."""
    show_one(signed_in().user(user_id), as_json=as_json)


@app.command()
def add(
    name: str,
    email: str,
    *,
    invitation_file: Annotated[
        Path | None, typer.Option(help="Invite them too, and keep the invitation there, mode 0600.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Make a person's account (administrators)."""
    wanted = typed(UserIn, name=name, email=email)
    need_yes(wanted, "Add this person?", yes=yes)
    user = freshly(lambda registry: registry.add_user(wanted))
    typer.echo(f"user {user.id}")
    if invitation_file is not None:
        keep_invitation(user.id, invitation_file)


@app.command()
def invite(user_id: int, file: InvitationFile, *, yes: Yes = False) -> None:
    """Invite a person to choose a password (administrators).

    It is good for a week, once; earlier ones end. It also helps who forgot the password.
    """
    ask(f"Invite user {user_id}, and end earlier invitations?", yes=yes)
    keep_invitation(user_id, file)


@app.command("set")
def set_user(
    user_id: int,
    *,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    administrator: Annotated[
        bool | None,
        typer.Option("--administrator/--not-administrator", help="Whether they administer this."),
    ] = None,
    valid: Annotated[
        bool | None, typer.Option("--valid/--closed", help="Open the account again, or close it.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Change a person's account."""
    change = change_of(UserChange, name=name, is_admin=administrator, is_valid=valid)
    _send(user_id, change, yes=yes)


@app.command()
def close(user_id: int, *, yes: Yes = False) -> None:
    """Close an account (administrators). Its tokens and sessions end at once."""
    change = UserChange(is_valid=False)
    _send(user_id, change, yes=yes)


def _send(user_id: int, change: UserChange, *, yes: bool) -> None:
    send_change(
        "user",
        user_id,
        change,
        read=lambda registry: registry.user,
        write=lambda registry: registry.change_user,
        yes=yes,
    )
