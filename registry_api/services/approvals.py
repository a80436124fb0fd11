"""Approvals: asking for a decision, and who may know that one was asked for."""

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import ApprovalRow
from registry_api.services import notices
from registry_api.services.audit import created
from registry_api.services.outcomes import RELEASES, Verdict, settle
from registry_api.services.paging import Window, page
from registry_api.services.reach import own_benchmarks, own_datasets, own_models
from rounds.errors import NotFound
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.records.base import Page

ADMINISTRATOR = "administrator"
COMMITTEE = "committee"
DATA_OWNER = "data owner"
MODEL_OWNER = "model owner"


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The approvals that `who` may know of: about one's own benchmarks, datasets and models."""
    if who.is_admin:
        return true()
    return or_(
        col(ApprovalRow.dataset_id).in_(own_datasets(who)),
        col(ApprovalRow.benchmark_id).in_(own_benchmarks(who)),
        col(ApprovalRow.model_id).in_(own_models(who)),
    )


def decidable_by(who: Principal) -> ColumnElement[bool]:
    """The approvals that are `who`'s to decide, whatever their status."""
    role = col(ApprovalRow.role)
    others = col(ApprovalRow.requested_by) != who.user_id
    return or_(
        and_(role == ADMINISTRATOR, others, true() if who.is_admin else false()),
        and_(role == COMMITTEE, others, col(ApprovalRow.benchmark_id).in_(own_benchmarks(who))),
        and_(role == DATA_OWNER, col(ApprovalRow.dataset_id).in_(own_datasets(who))),
        and_(role == MODEL_OWNER, others, col(ApprovalRow.model_id).in_(own_models(who))),
    )


def ask(
    session: Session, who: Principal, approval: ApprovalRow, *, rule: str | None = None
) -> None:
    """Store a request for a decision; a `rule` makes it at once, else whoever waits for it is told."""
    created(session, who, "approval.ask", approval)
    if rule is not None:
        settle(session, who, approval, Verdict(status=ApprovalStatus.GRANTED, rule=rule))
    elif approval.kind not in RELEASES:
        notices.start_review(session, approval, who.at)


def find(session: Session, who: Principal, approval_id: int) -> ApprovalRow:
    """An approval.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(ApprovalRow).where(ApprovalRow.id == approval_id)
    row = session.exec(statement.where(visible_to(who))).first()
    if row is None:
        raise NotFound(f"found no approval {approval_id} that you may know of; check the id")
    return row


def list_approvals(
    session: Session,
    who: Principal,
    window: Window,
    *,
    wanted: dict[str, str | None],
    is_open: bool | None = None,
    mine: bool = False,
) -> Page[Approval]:
    """The approvals that `who` may know of whose columns have the `wanted` values, None is any.

    Open are those that wait for a person, cover something not yet used, or have a run asleep on them;
    `mine` are those that are one's own to decide.
    """
    chosen = {name: value for name, value in wanted.items() if value is not None}
    statement = select(ApprovalRow).where(visible_to(who)).filter_by(**chosen)
    if is_open is not None:
        alive = or_(col(ApprovalRow.is_open), col(ApprovalRow.suspended))
        statement = statement.where(alive if is_open else ~alive)
    if mine:
        statement = statement.where(decidable_by(who))
    return page(session, statement, ApprovalRow, window=window, read=as_approval)


def as_approval(row: ApprovalRow) -> Approval:
    """The record of a row."""
    return Approval.model_validate(row.model_dump(include=set(Approval.model_fields)))
