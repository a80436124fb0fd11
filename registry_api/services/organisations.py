"""Organisations: what is registered belongs to one, and its members act for it by their roles."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import MemberRow, OrganisationRow
from registry_api.services import editing
from registry_api.services.audit import changed, created
from registry_api.services.names import check_texts, checked_key
from registry_api.services.paging import Wanted, Window, one, page
from rounds.errors import Conflict
from rounds.records.base import Page
from rounds.records.cubes import State
from rounds.records.people import (
    Organisation,
    OrganisationChange,
    OrganisationIn,
    Role,
)

SORTABLE = ("id", "name")
NOT_NULL = frozenset({"name", "second_factor", "is_valid"})


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The organisations that `who` may know of: one's own, and those that offered oneself a place."""
    if who.is_admin:
        return true()
    offered = (
        select(MemberRow.organisation_id)
        .where(MemberRow.email == who.email)
        .where(col(MemberRow.is_valid))
    )
    mine = col(OrganisationRow.id).in_(who.organisations)
    return or_(mine, col(OrganisationRow.id).in_(offered))


def found(session: Session, who: Principal, wanted: OrganisationIn) -> Organisation:
    """A new organisation, whose manager the founder is.

    Raises:
        Forbidden: The token is limited to a site.
        InvalidInput: The name looks like an identifier, or cannot be told apart.
        Conflict: The name is taken, or one that looks the same.
    """
    who.need_unlimited()
    check_texts(wanted)
    row = OrganisationRow(
        name=wanted.name,
        name_key=_free_key(session, wanted.name),
        second_factor=wanted.second_factor,
    )
    created(session, who, "organisation.found", row)
    place = MemberRow(
        organisation_id=row.key, email=who.email, role=Role.MANAGER, user_id=who.user_id
    )
    created(session, who, "member.join", place)
    return as_organisation(row)


def list_organisations(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Organisation]:
    """The organisations that `who` may know of."""
    return page(
        session,
        select(OrganisationRow).where(visible_to(who)),
        OrganisationRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_organisation,
    )


def read(session: Session, who: Principal, organisation_id: int) -> Organisation:
    """One organisation."""
    return as_organisation(find(session, who, organisation_id))


def find(session: Session, who: Principal, organisation_id: int) -> OrganisationRow:
    """An organisation.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, OrganisationRow, organisation_id, visible_to(who), "organisation")


def change(
    session: Session,
    who: Principal,
    organisation_id: int,
    change: OrganisationChange,
    *,
    revision: int,
) -> Organisation:
    """The organisation, changed.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: `who` does not manage it.
        SignInNeeded: Whether a second factor is asked for would change, by who could not decide.
        Conflict: It changed meanwhile, or the name is taken.
    """
    row = find(session, who, organisation_id)
    who.need_in(Role.MANAGER, row.id, f"organisation {organisation_id}")
    check_texts(change)
    editing.need_revision(row, revision, f"organisation {organisation_id}")
    wanted = editing.changes(
        change, row.model_dump(), state=State.DEVELOPMENT, editable=frozenset()
    )
    editing.need_values(wanted, NOT_NULL)
    if "second_factor" in wanted:
        who.need_fresh(second_factor=row.second_factor)
    with changed(session, who, "organisation.change", row):
        if "name" in wanted and not row.is_personal:
            row.name_key = _free_key(session, str(wanted["name"]), but=row.key)
        for name, value in wanted.items():
            setattr(row, name, value)
    return as_organisation(row)


def owner_of(
    session: Session, who: Principal, wanted: int | None, *, site: str | None = None
) -> int:
    """The organisation that something new, of a `site` if it is a dataset, will belong to: the named one, else home.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: `who` may not register for it.
        Conflict: It was withdrawn.
    """
    if wanted is None:
        who.need_in(Role.MEMBER, who.home_id, f"organisation {who.home_id}", site=site)
        return who.home_id
    row = find(session, who, wanted)
    who.need_in(Role.MEMBER, wanted, f"organisation {wanted}", site=site)
    if not row.is_valid:
        raise Conflict(f"organisation {wanted} is withdrawn, needed a valid one")
    return row.key


def as_organisation(row: OrganisationRow) -> Organisation:
    """The record of a row."""
    return Organisation.model_validate(row, from_attributes=True)


def _free_key(session: Session, name: str, *, but: int | None = None) -> str:
    key = checked_key(name)
    taken = session.exec(select(OrganisationRow).where(OrganisationRow.name_key == key)).first()
    if taken is not None and taken.id != but:
        raise Conflict("an organisation of that name, or one that looks the same, is there already")
    return key
