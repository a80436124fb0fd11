"""Decisions: who may make one, on what exactly, and how a run comes to know of it."""

from datetime import timedelta
from secrets import token_urlsafe

from sqlmodel import Session, select

from registry_api.auth import Principal, hash_secret
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CodeRow,
    CubeRow,
    DatasetRow,
    UserRow,
)
from registry_api.services import approvals, notices
from registry_api.services.audit import changed, created
from registry_api.services.outcomes import Verdict, items_of, settle
from rounds.errors import Conflict, Forbidden, InvalidInput
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CodeIn,
    CodeOut,
    Decision,
    DecisionIn,
    Suspension,
)
from rounds.records.people import Scope

CODE_TTL = timedelta(minutes=15)
STATUS_AFTER = {
    Decision.GRANT: ApprovalStatus.GRANTED,
    Decision.REFUSE: ApprovalStatus.REFUSED,
}


def decide(session: Session, who: Principal, approval_id: int, decision: DecisionIn) -> Approval:
    """The approval, decided by `who`.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The token may not decide, or this is another person's to decide.
        Conflict: It is not PENDING any more, or something else was shown.
        InvalidInput: Something is held back that it is not about.
    """
    row = approvals.find(session, who, approval_id)
    _check(session, who, row, decision)
    verdict = Verdict(
        status=STATUS_AFTER[decision.decision],
        reason=decision.reason,
        held_back=decision.held_back,
    )
    settle(session, who, row, verdict)
    return approvals.as_approval(row)


def mint_code(session: Session, who: Principal, approval_id: int, decision: DecisionIn) -> CodeOut:
    """A one-time code that stands for this decision by `who`, for 15 minutes.

    Raises:
        As `decide`, whose checks it makes already.
    """
    row = approvals.find(session, who, approval_id)
    _check(session, who, row, decision)
    code = token_urlsafe(24)
    minted = CodeRow(
        sha256=hash_secret(code),
        approval_id=row.key,
        user_id=who.user_id,
        decision=decision.model_dump(mode="json"),
        expires_at=who.at + CODE_TTL,
    )
    created(session, who, "code.mint", minted)
    return CodeOut(code=code, expires_at=minted.expires_at)


def redeem(session: Session, who: Principal, approval_id: int, given: CodeIn) -> Approval:
    """The approval, decided as the person who minted the code wished.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The code is unknown, used, expired, or of another approval.
        Conflict: The approval is not PENDING any more.
    """
    row = approvals.find(session, who, approval_id)
    code = session.exec(
        select(CodeRow)
        .where(CodeRow.sha256 == hash_secret(given.code))
        .where(CodeRow.approval_id == row.id)
    ).first()
    if code is None or code.used_at is not None or code.expires_at <= who.at:
        raise Forbidden("the code is unknown, used or expired, needed a fresh one; mint another")
    with changed(session, who, "code.redeem", code):
        code.used_at = who.at
    person = session.get_one(UserRow, code.user_id)
    minter = Principal(
        user_id=person.key,
        is_admin=person.is_admin,
        scopes=frozenset({Scope.DECIDE}),
        site=None,
        label=f"code, redeemed by {who.label}",
        at=who.at,
    )
    return decide(session, minter, row.key, DecisionIn.model_validate(code.decision))


def revoke(session: Session, who: Principal, approval_id: int) -> Approval:
    """The approval, REVOKED for whatever was not used yet.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The token may not decide, or this was another person's to decide.
        Conflict: It is not GRANTED, used up, or a benchmark's.
    """
    row = approvals.find(session, who, approval_id)
    who.need(Scope.DECIDE)
    _need_decider(session, who, row)
    if row.kind == ApprovalKind.BENCHMARK:
        raise Conflict("a benchmark's approval stays, needed another kind; revoke its associations")
    if row.kind != ApprovalKind.ASSOCIATION and not row.is_open:
        raise Conflict(f"approval {row.key} is {row.status} with nothing left to revoke")
    settle(session, who, row, Verdict(status=ApprovalStatus.REVOKED))
    return approvals.as_approval(row)


def suspend(session: Session, who: Principal, approval_id: int, suspension: Suspension) -> Approval:
    """The approval, with a run asleep on it; if it is decided already, the run is woken at once.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    row = approvals.find(session, who, approval_id)
    with changed(session, who, "approval.suspend", row):
        row.suspended = True
        row.flow_run_id = suspension.flow_run_id
    if row.status != ApprovalStatus.PENDING:
        notices.approval_decided(session, row, who.at)
    return approvals.as_approval(row)


def end_suspension(session: Session, who: Principal, approval_id: int) -> Approval:
    """The approval, with no run asleep on it any more.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    row = approvals.find(session, who, approval_id)
    if row.suspended:
        with changed(session, who, "approval.wake", row):
            row.suspended = False
    return approvals.as_approval(row)


def _check(session: Session, who: Principal, row: ApprovalRow, decision: DecisionIn) -> None:
    who.need(Scope.DECIDE)
    _need_decider(session, who, row)
    if row.status != ApprovalStatus.PENDING:
        raise Conflict(f"approval {row.key} is {row.status}, needed PENDING; read it again")
    if row.shown_sha256 != decision.shown_sha256:
        message = f"approval {row.key} is about other bytes than you were shown"
        raise Conflict(f"{message}, needed its own sha256; look again")
    subjects = {item.subject_id for item in items_of(row)}
    if not set(decision.held_back) <= subjects:
        raise InvalidInput(f"something held back is not in approval {row.key}, needed its items")


def _need_decider(session: Session, who: Principal, row: ApprovalRow) -> None:
    two_people = row.kind in {ApprovalKind.BENCHMARK, ApprovalKind.ASSOCIATION}
    if two_people and row.requested_by == who.user_id:
        raise Forbidden(f"approval {row.key} was asked for by you, needed a second person")
    if not _is_decider(session, who, row):
        raise Forbidden(f"approval {row.key} is for the {row.role} to decide, needed that person")


def _is_decider(session: Session, who: Principal, row: ApprovalRow) -> bool:
    if row.role == approvals.ADMINISTRATOR:
        return who.is_admin
    if row.role == approvals.COMMITTEE:
        association = session.get_one(AssociationRow, row.subject_id)
        return session.get_one(BenchmarkRow, association.benchmark_id).owner_id == who.user_id
    if row.dataset_id is not None:
        return session.get_one(DatasetRow, row.dataset_id).owner_id == who.user_id
    return session.get_one(CubeRow, row.model_id).owner_id == who.user_id
