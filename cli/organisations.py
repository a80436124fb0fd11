"""`rounds org`: organisations, to which everything registered belongs, and their members."""

from typing import Annotated

import typer

from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.sending import ask, change_of, need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.tables import Column, Json, show_one
from rounds.records.people import (
    Member,
    MemberIn,
    Organisation,
    OrganisationChange,
    OrganisationIn,
    Role,
)

app = typer.Typer(no_args_is_help=True)

add_list(
    app,
    Listing(
        record=Organisation,
        path="/organisations",
        says="Your organisations, and those that offer you a place.",
        columns=(
            Column("id"),
            Column("name"),
            Column("is_personal", "personal"),
            Column("second_factor"),
            Column("is_valid", "valid"),
        ),
        filters={"name": str, "is_personal": bool, "is_valid": bool},
    ),
)
add_list(
    app,
    Listing(
        record=Member,
        path="/organisations/{organisation_id}/members",
        says="Who belongs to an organisation, or was offered a place.",
        columns=(
            Column("id"),
            Column("email", "e-mail"),
            Column("role"),
            Column("user_id", "user"),
        ),
        ids=("organisation_id",),
        filters={"role": Role},
    ),
    name="members",
)


@app.command()
def show(organisation_id: int, *, as_json: Json = False) -> None:
    """One organisation."""
    show_one(signed_in().organisation(organisation_id), as_json=as_json)


@app.command()
def found(
    name: str,
    *,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Its decisions take a one-time code at sign-in.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Found an organisation, whose manager you are."""
    wanted = typed(OrganisationIn, name=name, second_factor=second_factor)
    need_yes(wanted, "Found this organisation?", yes=yes)
    founded = freshly(lambda registry: registry.found_organisation(wanted))
    typer.echo(f"organisation {founded.id}")


@app.command("set")
def set_organisation(
    organisation_id: int,
    *,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    second_factor: Annotated[
        bool | None,
        typer.Option(
            "--second-factor/--no-second-factor",
            help="Whether its decisions take a one-time code at sign-in.",
        ),
    ] = None,
    valid: Annotated[
        bool | None, typer.Option("--valid/--withdrawn", help="Whether it registers anything new.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Change an organisation (managers)."""
    change = change_of(OrganisationChange, name=name, second_factor=second_factor, is_valid=valid)
    send_change(
        "organisation",
        organisation_id,
        change,
        read=lambda registry: registry.organisation,
        write=lambda registry: registry.change_organisation,
        yes=yes,
    )


@app.command()
def offer(
    organisation_id: int,
    email: str,
    *,
    role: Annotated[Role, typer.Option(help="What they may do for it.")] = Role.MEMBER,
    yes: Yes = False,
) -> None:
    """Offer somebody a place, or a new role in theirs (managers); a decider's takes a fresh sign-in."""
    wanted = typed(MemberIn, email=email, role=role)
    need_yes(wanted, f"Offer this place in organisation {organisation_id}?", yes=yes)
    member = freshly(lambda registry: registry.offer_place(organisation_id, wanted))
    typer.echo(f"member {member.id}, theirs once they join: rounds org join {organisation_id}")


@app.command()
def join(organisation_id: int, *, yes: Yes = False) -> None:
    """Accept the place that was offered to you."""
    ask(f"Join organisation {organisation_id}?", yes=yes)
    member = freshly(lambda registry: registry.join(organisation_id))
    typer.echo(f"you are a {member.role} of organisation {organisation_id}")


@app.command()
def remove(
    organisation_id: int,
    member_id: Annotated[int, typer.Argument(help="As rounds org members shows it.")],
    *,
    yes: Yes = False,
) -> None:
    """Take a place back, or give yours up."""
    ask(f"Remove member {member_id} of organisation {organisation_id}?", yes=yes)
    gone = freshly(lambda registry: registry.remove_member(organisation_id, member_id))
    typer.echo(f"member {gone.id} has left organisation {organisation_id}")
