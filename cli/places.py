"""A person's places: the organisations to which they belong, or that offered them one."""

from typing import TYPE_CHECKING

from rounds.errors import Forbidden
from rounds.records.base import Record
from rounds.records.people import Member, Organisation, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rounds.client.registry import RegistryClient


class Place(Record):
    """A place in an organisation; `role` is None where only its members are told, as before one joins."""

    organisation_id: int
    name: str
    role: Role | None
    is_accepted: bool


def places_of(registry: "RegistryClient") -> "Iterator[Place]":
    """The caller's places, by organisation; their organisation of one is none.

    It asks for each organisation once: the registry has no list of one's own places.
    """
    email = registry.me().email
    for organisation in registry.organisations():
        if not organisation.is_personal and organisation.is_valid:
            yield from _place_in(registry, organisation, email)


def _place_in(
    registry: "RegistryClient", organisation: Organisation, email: str
) -> "Iterator[Place]":
    try:
        members = registry.members(organisation.id)
    except Forbidden:
        yield _place(organisation, None)
        return
    yield from (_place(organisation, member) for member in members if member.email == email)


def _place(organisation: Organisation, member: Member | None) -> Place:
    return Place(
        organisation_id=organisation.id,
        name=organisation.name,
        role=member.role if member else None,
        is_accepted=member is not None and member.user_id is not None,
    )
