"""`rounds status`: who is at the terminal, where, and what they may do."""

from datetime import UTC, datetime
from importlib.metadata import version

import typer

from cli.places import Place, places_of
from cli.sessions import door, fresh_until
from cli.settings import profile_in_force, registry_url, signed_in
from cli.tables import Json, show_one
from rounds.errors import SignInNeeded, SpecError
from rounds.records.base import Record

app = typer.Typer()


class Person(Record):
    """Who is signed in."""

    id: int
    name: str
    email: str
    is_admin: bool
    has_second_factor: bool


class Status(Record):
    """Who is at the terminal, where, and what they may do; nobody is signed in if `person` is None.

    `fresh_until` is until when a decision takes no new sign-in, where that is known.
    """

    profile: str | None
    registry: str
    client_version: str
    registry_version: str
    minimum_client: str
    person: Person | None
    why_not: str
    fresh_until: datetime | None
    places: tuple[Place, ...]


class Summary(Record):
    """The same in words."""

    registry: str
    versions: str
    signed_in: str
    decisions: str
    organisations: tuple[str, ...]


@app.command()
def status(*, as_json: Json = False) -> None:
    """Who you are, where, and what you may do; ends well also if you are not signed in."""
    with door() as registry:
        versions = registry.version()
    person, places, why_not = _whoever()
    found = Status(
        profile=_profile_name(),
        registry=registry_url(),
        client_version=version("rounds"),
        registry_version=versions.version,
        minimum_client=versions.minimum_client,
        person=person,
        why_not=why_not,
        fresh_until=fresh_until() if person else None,
        places=places,
    )
    show_one(found if as_json else _in_words(found), as_json=as_json)


def _profile_name() -> str | None:
    """The profile that names the registry in use, if one does."""
    profile = profile_in_force()
    if profile is None or profile.registry.rstrip("/") != registry_url().rstrip("/"):
        return None
    return profile.name


def _whoever() -> tuple[Person | None, tuple[Place, ...], str]:
    """Who is signed in and their places, or why nobody is."""
    try:
        with signed_in() as registry:
            user = registry.me()
            person = Person(
                id=user.id,
                name=user.name,
                email=user.email,
                is_admin=user.is_admin,
                has_second_factor=user.has_second_factor,
            )
            return person, tuple(places_of(registry)), ""
    except (SignInNeeded, SpecError) as refusal:
        return None, (), refusal.summary


def _in_words(found: Status) -> Summary:
    profile = f" (profile {found.profile})" if found.profile else ""
    return Summary(
        registry=f"{found.registry}{profile}",
        versions=f"client {found.client_version}, registry {found.registry_version}",
        signed_in=_signed_in(found),
        decisions=_decisions(found),
        organisations=tuple(
            f"{place.organisation_id} {place.name} ({_role(place)})" for place in found.places
        ),
    )


def _signed_in(found: Status) -> str:
    if found.person is None:
        return f"no: {found.why_not}"
    marks = [
        *(["administrator"] if found.person.is_admin else []),
        *(["with a second factor"] if found.person.has_second_factor else []),
    ]
    who = f"as {found.person.name} <{found.person.email}>, user {found.person.id}"
    return ", ".join((who, *marks))


def _decisions(found: Status) -> str:
    now = datetime.now(UTC)
    if found.fresh_until is None or found.fresh_until <= now:
        return "after a fresh sign-in"
    minutes = (found.fresh_until - now).seconds // 60
    return f"for {minutes} more minutes without a new sign-in"


def _role(place: Place) -> str:
    if not place.is_accepted:
        return "offered to you"
    return place.role.value if place.role else ""
