"""`rounds second-factor`: the one-time codes that a sign-in asks for beside the password."""

from typing import Annotated

import typer

from cli.prompts import Yes
from cli.sending import ask
from cli.sessions import forget, freshly
from cli.settings import signed_in

app = typer.Typer(no_args_is_help=True)


@app.command()
def offer() -> None:
    """Get a second factor for your authenticator. Shown once; in force once confirmed."""
    made = freshly(lambda registry: registry.offer_second_factor())
    typer.echo(f"secret\t{made.secret}\nuri\t{made.uri}")
    typer.echo("put it into your authenticator, then: rounds second-factor confirm CODE", err=True)


@app.command()
def confirm(
    code: Annotated[str, typer.Argument(help="What the authenticator shows now.")],
) -> None:
    """Put the offered second factor in force. Every session of yours ends."""
    with signed_in() as registry:
        person = registry.confirm_second_factor(code)
    forget()
    typer.echo(f"the second factor is in force; next: rounds sign-in {person.email}")


@app.command()
def drop(user_id: int, *, yes: Yes = False) -> None:
    """Help somebody who lost theirs. They sign in by password alone (administrators)."""
    ask(f"Let user {user_id} sign in by password alone?", yes=yes)
    person = freshly(lambda registry: registry.drop_second_factor(user_id))
    typer.echo(f"user {person.id} signs in by password alone")
