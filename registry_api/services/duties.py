"""What can be done with a request for a decision beside deciding it: later, taken back, or by somebody else."""

from datetime import timedelta

from sqlmodel import Session, select

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    BenchmarkRow,
    CubeRow,
    DatasetRow,
    DelegateRow,
    UserRow,
)
from registry_api.services import approvals, decisions
from registry_api.services.audit import changed
from registry_api.services.names import check_texts
from registry_api.services.outcomes import RELEASES, Verdict, settle
from rounds.errors import Conflict, Forbidden, NotFound
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Delegation,
    Extension,
)
from rounds.records.executions import Withdrawal
from rounds.records.people import Role


def extend(session: Session, who: Principal, approval_id: int, extension: Extension) -> Approval:
    """The approval, with a later deadline.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: Neither who decides nor who asked wants it.
        Conflict: It is not PENDING, or the new deadline is not later.
    """
    row = approvals.find(session, who, approval_id)
    if not (approvals.is_decider(session, who, row) or _asked(session, who, row)):
        message = f"approval {approval_id} is for who asked or who decides to extend"
        raise Forbidden(f"{message}, needed one of them")
    decisions.need_pending(who, row)
    later = who.at + timedelta(seconds=extension.deadline_s)
    if later <= row.deadline:
        raise Conflict(f"approval {approval_id} has a later deadline already, needed one after it")
    with changed(session, who, "approval.extend", row):
        row.deadline = later
    return approvals.as_approval(row)


def withdraw(
    session: Session, who: Principal, approval_id: int, withdrawal: Withdrawal
) -> Approval:
    """The approval, WITHDRAWN by who asked for it.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: Somebody else asked for it.
        Conflict: It is not PENDING.
    """
    row = approvals.find(session, who, approval_id)
    if not _asked(session, who, row):
        raise Forbidden(f"approval {approval_id} was asked for by others, needed one of them")
    decisions.need_pending(who, row)
    check_texts(withdrawal)
    verdict = Verdict(status=ApprovalStatus.WITHDRAWN, reason=withdrawal.reason)
    settle(session, who, row, verdict)
    return approvals.as_approval(row)


def delegate(
    session: Session, who: Principal, approval_id: int, delegation: Delegation
) -> Approval:
    """The approval, which somebody else may see and decide from now on too.

    Raises:
        NotFound: There is no such approval that `who` may know of, or no such person.
        Forbidden: It is not `who`'s to decide.
        SignInNeeded: The sign-in is not fresh.
        Conflict: It is not PENDING.
    """
    row = approvals.find(session, who, approval_id)
    decisions.need_decider(session, who, row)
    decisions.need_pending(who, row)
    person = session.get(UserRow, delegation.user_id)
    if person is None or not person.is_valid:
        raise NotFound(f"found no user {delegation.user_id}; check the id with them")
    named = (
        select(DelegateRow)
        .where(DelegateRow.approval_id == row.key)
        .where(DelegateRow.user_id == person.key)
    )
    if session.exec(named).first() is None:
        with changed(session, who, f"approval.delegate_to_{person.key}", row):
            session.add(DelegateRow(approval_id=row.key, user_id=person.key))
    return approvals.as_approval(row)


def _asked(session: Session, who: Principal, row: ApprovalRow) -> bool:
    """Whether `who` acts for the side that asked: the author, or a member of the author's organisation."""
    if row.requested_by == who.user_id and who.site is None:
        return True
    if row.kind in RELEASES:
        return who.may(Role.MEMBER, row.organisation_id, site=row.site)
    committee = session.get_one(BenchmarkRow, row.benchmark_id).organisation_id
    invited = row.organisation_id != committee
    if row.kind != ApprovalKind.ASSOCIATION or invited:
        return who.may(Role.MEMBER, committee)
    if row.dataset_id is not None:
        dataset = session.get_one(DatasetRow, row.dataset_id)
        return who.may(Role.MEMBER, dataset.organisation_id, site=dataset.site)
    return who.may(Role.MEMBER, session.get_one(CubeRow, row.model_id).organisation_id)
