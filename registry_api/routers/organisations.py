"""/organisations and their members."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, NameFilter, TheCall, ThePost, TheRevision
from registry_api.routes import PREFIX, routes
from registry_api.services import members, organisations
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.people import (
    Member,
    MemberIn,
    Organisation,
    OrganisationChange,
    OrganisationIn,
    Role,
)

router = routes("organisations", prefix=f"{PREFIX}/organisations")


@router.post("", status_code=201)
def found(body: OrganisationIn, call: ThePost) -> Organisation:
    """A new organisation, whose manager the founder is."""
    return call.write(organisations.found, body)


class OrganisationQuery(ListQuery):
    """Which organisations are wanted."""

    name: NameFilter = None
    is_personal: bool | None = None
    is_valid: bool | None = None


@router.get("")
def list_organisations(
    call: TheCall, query: Annotated[OrganisationQuery, Query()]
) -> Page[Organisation]:
    """One's own organisations, and those that offered one a place."""
    return call.read(organisations.list_organisations, query, wanted=query.columns())


@router.get("/{organisation_id}")
def read(organisation_id: Id, call: TheCall) -> Organisation:
    """One organisation."""
    return call.read(organisations.read, organisation_id)


@router.patch("/{organisation_id}")
def change(
    organisation_id: Id, body: OrganisationChange, call: TheCall, revision: TheRevision
) -> Organisation:
    """The organisation, changed by one of its managers."""
    return call.write(organisations.change, organisation_id, body, revision=revision)


class MemberQuery(ListQuery):
    """Which members are wanted."""

    role: Role | None = None


@router.get("/{organisation_id}/members")
def list_members(
    organisation_id: Id, call: TheCall, query: Annotated[MemberQuery, Query()]
) -> Page[Member]:
    """Who belongs to the organisation, or was offered a place."""
    return call.read(members.list_members, organisation_id, query, wanted=query.columns())


@router.post("/{organisation_id}/members", status_code=201)
def offer(organisation_id: Id, body: MemberIn, call: ThePost) -> Member:
    """A place for whoever has the e-mail, theirs once they accept."""
    return call.write(members.offer, organisation_id, body)


@router.post("/{organisation_id}/membership", status_code=201)
def join(organisation_id: Id, call: ThePost) -> Member:
    """The place that was offered to oneself, accepted."""
    return call.write(members.join, organisation_id)


@router.delete("/{organisation_id}/members/{member_id}")
def leave(organisation_id: Id, member_id: Id, call: TheCall) -> Member:
    """The place, given up by who has it or taken back by a manager."""
    return call.write(members.leave, organisation_id, member_id)
