"""What time ends: approvals past their deadline, and cells whose attempts never came back."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from registry_api.auth import nobody
from registry_api.models import ApprovalRow, ExecutionRow
from registry_api.services.outcomes import Verdict, move_execution, settle
from rounds.errors import Code
from rounds.records.approvals import ApprovalStatus
from rounds.records.executions import ExecutionStatus

MOST_LAPSES = 5


def is_due(session: Session, now: datetime) -> bool:
    """Whether `sweep` would find something to end."""
    approval = select(ApprovalRow.id).where(_past_deadline(now)).limit(1)
    execution = select(ExecutionRow.id).where(_never_came_back(now)).limit(1)
    found = session.exec(approval).first() or session.exec(execution).first()
    return found is not None


def sweep(session: Session, now: datetime) -> None:
    """Expire approvals past their deadline, and fail a cell past its own, or that never ended five times."""
    who = nobody(now, "deadline")
    for approval in session.exec(select(ApprovalRow).where(_past_deadline(now))).all():
        reason = f"expired at {approval.deadline:%Y-%m-%d %H:%M} UTC"
        verdict = Verdict(status=ApprovalStatus.EXPIRED, reason=reason)
        settle(session, who, approval, verdict)
    for execution in session.exec(select(ExecutionRow).where(_never_came_back(now))).all():
        code = Code.DEADLINE if execution.deadline <= now else Code.UNEXPECTED
        move_execution(session, who, execution, ExecutionStatus.FAILED, code=code)


def _past_deadline(now: datetime) -> ColumnElement[bool]:
    return and_(col(ApprovalRow.is_open), col(ApprovalRow.deadline) <= now)


def _never_came_back(now: datetime) -> ColumnElement[bool]:
    lapsed = and_(col(ExecutionRow.lease_until) <= now, col(ExecutionRow.lapses) >= MOST_LAPSES - 1)
    return and_(col(ExecutionRow.is_claimed), or_(lapsed, col(ExecutionRow.deadline) <= now))
