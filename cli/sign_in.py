"""`rounds sign-in`, `sign-out` and `password`: a session begins, ends, and is proved."""

from pathlib import Path
from typing import Annotated

import typer

from cli import sessions
from cli.prompts import STANDARD_INPUT, PasswordFile, secret
from cli.settings import signed_in, typed
from rounds.errors import NotFound, SignInNeeded

app = typer.Typer(no_args_is_help=True)
ONE_OF = "needed exactly one of EMAIL, --invitation and --provider-token"
Code = Annotated[
    str | None, typer.Option(help="The one-time code, if you have a second factor; or be asked.")
]


@app.command("sign-in")
def sign_in(
    email: Annotated[
        str | None, typer.Argument(help="Yours, as the administrator wrote it.")
    ] = None,
    *,
    invitation: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The invitation's file, mode 0600, or - for the standard input; "
            "you choose a password with it.",
        ),
    ] = None,
    provider_token: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A token of your OpenID provider: its file, mode 0600, or -."
        ),
    ] = None,
    password_file: PasswordFile = None,
    code: Code = None,
) -> None:
    """Sign in, and keep the session in the token's file.

    A session lasts a week; decisions take one that is at most 15 minutes old.
    """
    if sum(given is not None for given in (email, invitation, provider_token)) != 1:
        raise typer.BadParameter(ONE_OF)
    if invitation is not None:
        _accept(invitation, password_file)
    elif provider_token is not None:
        _keep_provided(provider_token)
    elif email is not None:
        sessions.sign_in(email, password_file=password_file, code=code)
    with signed_in() as registry:
        person = registry.me()
    typer.echo(f"signed in as {person.email}, user {person.id}")


@app.command("sign-out")
def sign_out() -> None:
    """End the session, and forget it."""
    try:
        with signed_in() as registry:
            registry.sign_out()
        typer.echo("signed out")
    except SignInNeeded as refusal:
        typer.echo(f"forgotten; it was over already: {refusal.summary}")
    except NotFound as refusal:
        typer.echo(f"forgotten here; {refusal.summary}")
    sessions.forget()


@app.command("password")
def change_password(
    *,
    old_password_file: Annotated[
        Path | None,
        typer.Option(
            help="A file of mode 0600 with the password in force. Without one you are asked."
        ),
    ] = None,
    password_file: PasswordFile = None,
) -> None:
    """Choose a new password; every other session of yours ends."""
    from rounds.records.people import PasswordChange

    old = secret("Password in force", file=old_password_file)
    new = secret("New password", file=password_file, again=True)
    with signed_in() as registry:
        session = registry.change_password(typed(PasswordChange, old=old, new=new))
    sessions.keep(session)
    typer.echo("password is changed; every other session has ended")


def _accept(invitation: Path, password_file: Path | None) -> None:
    from rounds.records.people import Acceptance

    if invitation == password_file == STANDARD_INPUT:
        raise typer.BadParameter("needed one of the two in a file, found both on standard input")
    given = secret("Invitation", file=invitation)
    password = secret("New password", file=password_file, again=True)
    with sessions.door() as registry:
        accepted = typed(Acceptance, secret=given, password=password)
        sessions.keep(registry.accept_invitation(accepted))


def _keep_provided(file: Path) -> None:
    from cli.settings import PATIENCE_S, registry_url
    from rounds.client.registry import RegistryClient

    token = secret("Token", file=file)
    with RegistryClient(registry_url(), token, patience_s=PATIENCE_S.get()) as registry:
        registry.me()
    sessions.keep_provided(token)
