"""Members: a place in an organisation is offered by e-mail, and taken by who has it."""

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, DelegateRow, MemberRow, OrganisationRow, UserRow
from registry_api.services import organisations
from registry_api.services.audit import changed, created
from registry_api.services.paging import Wanted, Window, page
from rounds.errors import Conflict, InvalidInput, NotFound
from rounds.records.base import Page
from rounds.records.people import (
    Member,
    MemberIn,
    Role,
)

SORTABLE = ("id", "email", "role")


def list_members(
    session: Session, who: Principal, organisation_id: int, window: Window, *, wanted: Wanted
) -> Page[Member]:
    """Who belongs to an organisation, or was offered a place; for its members.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: `who` does not belong to it.
    """
    organisations.find(session, who, organisation_id)
    if not who.is_admin:
        who.need_in(Role.READER, organisation_id, f"organisation {organisation_id}")
    return page(
        session,
        select(MemberRow)
        .where(MemberRow.organisation_id == organisation_id)
        .where(col(MemberRow.is_valid)),
        MemberRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_member,
    )


def offer(session: Session, who: Principal, organisation_id: int, wanted: MemberIn) -> Member:
    """A place for whoever has the e-mail, theirs once accepted; offered again, with the new role.

    Raises:
        NotFound: There is no such organisation that `who` may know of.
        Forbidden: `who` does not manage it, nor administers the registry while nobody manages it.
        SignInNeeded: Who may decide, or appoint, is decided by a fresh sign-in; so is an administrator's offer.
        InvalidInput: The role is no member's.
        Conflict: It is somebody's own of one, or would have no manager left.
    """
    row = organisations.find(session, who, organisation_id)
    mends = who.is_admin and not row.is_personal and not _managers(session, row.key)
    if not mends:
        who.need_in(Role.MANAGER, row.id, f"organisation {organisation_id}")
    if mends or wanted.role.reaches(Role.DECIDER):
        who.need_fresh(second_factor=row.second_factor)
    if row.is_personal:
        raise Conflict("a person's own organisation has no other members; found one for several")
    if wanted.role is Role.ADMINISTRATOR:
        raise InvalidInput("found role administrator, needed reader, member, decider or manager")
    email = wanted.email.lower()
    place = session.exec(
        select(MemberRow).where(MemberRow.organisation_id == row.id).where(MemberRow.email == email)
    ).first()
    if place is None:
        place = MemberRow(organisation_id=row.key, email=email, role=wanted.role)
        created(session, who, "member.offer", place)
        return as_member(place)
    if place.role == Role.MANAGER and wanted.role is not Role.MANAGER:
        _need_other_manager(session, place)
    with changed(session, who, "member.role", place):
        place.role, place.is_valid = wanted.role, True
    return as_member(place)


def join(session: Session, who: Principal, organisation_id: int) -> Member:
    """The place that was offered to oneself, accepted.

    Raises:
        Forbidden: The token is limited to a site.
        NotFound: None was.
    """
    place = session.exec(
        select(MemberRow)
        .where(MemberRow.organisation_id == organisation_id)
        .where(MemberRow.email == who.email)
        .where(col(MemberRow.is_valid))
    ).first()
    if place is None:
        message = f"found no place for you in organisation {organisation_id}"
        raise NotFound(f"{message}; ask one of its managers")
    who.need_unlimited()
    if place.user_id is None:
        with changed(session, who, "member.join", place):
            place.user_id = who.user_id
    return as_member(place)


def leave(session: Session, who: Principal, organisation_id: int, member_id: int) -> Member:
    """The place, given up by who has it or taken back by a manager.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else's and `who` does not manage the organisation.
        Conflict: No manager would be left.
    """
    organisations.find(session, who, organisation_id)
    place = session.get(MemberRow, member_id)
    mine = place is not None and place.email == who.email
    if place is None or place.organisation_id != organisation_id or not place.is_valid:
        raise NotFound(f"found no member {member_id} of organisation {organisation_id}")
    if not mine:
        who.need_in(Role.MANAGER, organisation_id, f"member {member_id}")
    who.need_unlimited()
    if place.role == Role.MANAGER:
        _need_other_manager(session, place)
    gone = as_member(place)
    _end(session, who, place)
    return gone


def end_places_by_code(session: Session, who: Principal, user: UserRow) -> None:
    """End the places of a person, taken or offered, in organisations that ask for codes, and what they handed on."""
    places = session.exec(
        select(MemberRow)
        .join(OrganisationRow, col(MemberRow.organisation_id) == col(OrganisationRow.id))
        .where(col(OrganisationRow.second_factor))
        .where(MemberRow.email == user.email)
        .where(col(MemberRow.is_valid))
    )
    for place in places.all():
        _end(session, who, place)
    handed_on = session.exec(
        select(DelegateRow, ApprovalRow)
        .join(ApprovalRow, col(DelegateRow.approval_id) == col(ApprovalRow.id))
        .join(OrganisationRow, col(ApprovalRow.organisation_id) == col(OrganisationRow.id))
        .where(col(OrganisationRow.second_factor))
        .where(DelegateRow.user_id == user.key)
    )
    for delegate, approval in handed_on.all():
        with changed(session, who, f"approval.end_delegation_to_{user.key}", approval):
            session.delete(delegate)


def as_member(row: MemberRow) -> Member:
    """The record of a row."""
    return Member.model_validate(row, from_attributes=True)


def _end(session: Session, who: Principal, place: MemberRow) -> None:
    with changed(session, who, "member.leave", place):
        place.user_id, place.is_valid = None, False


def _need_other_manager(session: Session, place: MemberRow) -> None:
    if not _managers(session, place.organisation_id) - {place.key}:
        raise Conflict("no manager would be left, needed another one first")


def _managers(session: Session, organisation_id: int) -> set[int]:
    """The places of an organisation's managers whose accounts are live."""
    places = session.exec(
        select(MemberRow)
        .join(UserRow, col(MemberRow.user_id) == col(UserRow.id))
        .where(MemberRow.organisation_id == organisation_id)
        .where(MemberRow.role == Role.MANAGER)
        .where(col(UserRow.is_valid))
    )
    return {place.key for place in places}
