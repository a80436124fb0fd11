"""Approvals: asking for a decision, and who may know that one was asked for."""

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    DatasetRow,
    DelegateRow,
    OrganisationRow,
    PublicationRow,
)
from registry_api.services import notices
from registry_api.services.audit import changed, created
from registry_api.services.outcomes import RELEASES, Verdict, settle
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import own_benchmarks, own_datasets, own_models
from rounds.records.approvals import Approval, ApprovalKind, ApprovalStatus, Vote
from rounds.records.base import Page
from rounds.records.people import Role

ADMINISTRATOR = "administrator"
COMMITTEE = "committee"
DATA_OWNER = "data owner"
MODEL_OWNER = "model owner"
SORTABLE = ("id", "status", "kind", "deadline")


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The approvals that `who` may know of: about what is one's own, asked for, or delegated to oneself."""
    if who.is_admin:
        return true()
    return or_(
        col(ApprovalRow.dataset_id).in_(own_datasets(who)),
        col(ApprovalRow.benchmark_id).in_(own_benchmarks(who)),
        col(ApprovalRow.model_id).in_(own_models(who)),
        col(ApprovalRow.id).in_(_delegated(who)),
    )


def decidable_by(who: Principal) -> ColumnElement[bool]:
    """The approvals that are `who`'s to decide, whatever their status; see `is_decider`."""
    publication = col(ApprovalRow.kind) == ApprovalKind.PUBLICATION
    others = or_(
        col(ApprovalRow.kind).in_(RELEASES),
        and_(publication, col(ApprovalRow.needed) == 1),
        col(ApprovalRow.requested_by) != who.user_id,
    )
    administrators = col(ApprovalRow.organisation_id).is_(None)
    own: ColumnElement[bool] = col(ApprovalRow.organisation_id).in_(who.where(Role.DECIDER))
    if who.site is not None:
        of_site = col(ApprovalRow.dataset_id).in_(own_datasets(who))
        own = and_(own, col(ApprovalRow.role) == DATA_OWNER, of_site)
    return and_(
        others,
        or_(
            and_(administrators, true() if who.is_admin else false()),
            own,
            col(ApprovalRow.id).in_(_delegated(who)),
        ),
    )


def is_decider(session: Session, who: Principal, row: ApprovalRow) -> bool:
    """Whether it is `who`'s duty to decide: a decider of the organisation asked, or their delegate."""
    if row.organisation_id is None and who.is_admin:
        return True
    site = _site_of(session, row)
    if row.organisation_id is not None and who.may(Role.DECIDER, row.organisation_id, site=site):
        return True
    delegated = _delegated(who).where(DelegateRow.approval_id == row.key)
    return session.exec(delegated).first() is not None


def need_fresh(session: Session, who: Principal, organisation_id: int | None) -> None:
    """Pass if `who` signed in a short time ago, with a second factor where the organisation asks for it.

    Raises:
        SignInNeeded: Too long ago, without it, or not in person.
    """
    row = session.get(OrganisationRow, organisation_id) if organisation_id else None
    who.need_fresh(second_factor=row is not None and row.second_factor)


def need_deciding(session: Session, who: Principal, organisation_id: int | None, what: str) -> None:
    """Pass if `who` decides for an organisation, and signed in a short time ago.

    For what is no approval, and would decide by another road.

    Raises:
        Forbidden: The organisation is not one of `who`, or their role in it does not reach.
        SignInNeeded: The sign-in is not fresh.
    """
    who.need_in(Role.DECIDER, organisation_id, what)
    need_fresh(session, who, organisation_id)


def ask(
    session: Session,
    who: Principal,
    approval: ApprovalRow,
    *,
    about: AssociationRow | BenchmarkRow | PublicationRow | None = None,
    rule: str | None = None,
) -> None:
    """Store a request for a decision, which the row it is `about` names from now on; whoever waits is told.

    A `rule` is one vote for it; where two people are needed, it never stands in for the second one.
    """
    created(session, who, "approval.ask", approval)
    if about is not None:
        with changed(session, who, f"{about.__tablename__}.ask", about):
            about.approval_id = approval.key
    if rule is not None:
        grant_vote(session, who, approval, rule=rule)
    if approval.status == ApprovalStatus.PENDING and approval.kind not in RELEASES:
        notices.start_review(session, approval, who.at)


def grant_vote(
    session: Session,
    who: Principal,
    approval: ApprovalRow,
    *,
    rule: str | None = None,
    verdict: Verdict | None = None,
) -> None:
    """Add one vote to grant; the last one that is needed settles the approval."""
    vote = Vote(user_id=None if rule else who.user_id, rule=rule, at=who.at)
    with changed(session, who, "approval.vote", approval):
        approval.votes = [*approval.votes, vote.model_dump(mode="json")]
    if len(approval.votes) >= approval.needed:
        settle(session, who, approval, verdict or Verdict(status=ApprovalStatus.GRANTED, rule=rule))


def read(session: Session, who: Principal, approval_id: int) -> Approval:
    """One approval."""
    return as_approval(find(session, who, approval_id))


def find(session: Session, who: Principal, approval_id: int) -> ApprovalRow:
    """An approval.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, ApprovalRow, approval_id, visible_to(who), "approval")


def list_approvals(
    session: Session,
    who: Principal,
    window: Window,
    *,
    wanted: Wanted,
    is_open: bool | None = None,
    mine: bool = False,
) -> Page[Approval]:
    """The approvals that `who` may know of whose columns have the `wanted` values, None is any.

    Open are those that wait for a person, cover something not yet used, or have a run asleep on them;
    `mine` are those that are one's own to decide.
    """
    statement = select(ApprovalRow).where(visible_to(who))
    if is_open is not None:
        alive = or_(col(ApprovalRow.is_open), col(ApprovalRow.suspended))
        statement = statement.where(alive if is_open else ~alive)
    if mine:
        statement = statement.where(decidable_by(who))
    return page(
        session,
        statement,
        ApprovalRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_approval,
    )


def as_approval(row: ApprovalRow) -> Approval:
    """The record of a row."""
    return Approval.model_validate(row, from_attributes=True)


def _site_of(session: Session, row: ApprovalRow) -> str | None:
    """The site whose tokens may act for who decides: that of the data owner's dataset."""
    if row.dataset_id is None or row.role != DATA_OWNER:
        return None
    return session.get_one(DatasetRow, row.dataset_id).site


def _delegated(who: Principal) -> SelectOfScalar[int]:
    person = who.user_id if who.site is None else None
    return select(DelegateRow.approval_id).where(DelegateRow.user_id == person)
