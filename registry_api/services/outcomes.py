"""What follows from a decision, all in its transaction: statuses move here and nowhere else."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CellRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    PublicationRow,
)
from registry_api.services import joining, notices
from registry_api.services.audit import changed, updated
from rounds.errors import Code, Conflict
from rounds.records.approvals import ApprovalKind, ApprovalStatus, Item
from rounds.records.benchmarks import AssociationStatus, BenchmarkStatus
from rounds.records.crashes import Crash
from rounds.records.executions import ExecutionStatus
from rounds.transitions import APPROVAL, ASSOCIATION, BENCHMARK, EXECUTION, move

RELEASES = frozenset({ApprovalKind.STATISTICS, ApprovalKind.RESULTS})
BENCHMARK_AFTER = {
    ApprovalStatus.GRANTED: BenchmarkStatus.APPROVED,
    ApprovalStatus.REFUSED: BenchmarkStatus.REJECTED,
    ApprovalStatus.EXPIRED: BenchmarkStatus.REJECTED,
    ApprovalStatus.WITHDRAWN: BenchmarkStatus.REJECTED,
}
ASSOCIATION_AFTER = {
    ApprovalStatus.GRANTED: AssociationStatus.APPROVED,
    ApprovalStatus.REFUSED: AssociationStatus.REJECTED,
    ApprovalStatus.EXPIRED: AssociationStatus.REJECTED,
    ApprovalStatus.REVOKED: AssociationStatus.REVOKED,
    ApprovalStatus.VOID: AssociationStatus.REJECTED,
    ApprovalStatus.WITHDRAWN: AssociationStatus.WITHDRAWN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of an approval, why, by which rule if no person decided, and what stays home."""

    status: ApprovalStatus
    reason: str = ""
    rule: str | None = None
    held_back: tuple[int, ...] = ()


def settle(session: Session, who: Principal, approval: ApprovalRow, verdict: Verdict) -> None:
    """Move an approval as `verdict` says, and with it whatever hangs on it; wake who sleeps on it.

    Raises:
        Conflict: It cannot become that.
    """
    status = verdict.status
    with changed(session, who, f"approval.{status.lower()}", approval):
        approval.status = move(APPROVAL, ApprovalStatus(approval.status), status)
        approval.reason = verdict.reason or approval.reason
        approval.held_back = sorted({*approval.held_back, *verdict.held_back})
        if status in {ApprovalStatus.GRANTED, ApprovalStatus.REFUSED}:
            approval.rule = verdict.rule
            approval.decided_by = None if verdict.rule else who.user_id
        approval.is_open = has_unused(approval)
    notices.approval_decided(session, approval, who.at)
    _follow(session, who, approval, status)


def need_covered(
    who: Principal, approval: ApprovalRow | None, item: Item, *, kind: ApprovalKind
) -> ApprovalRow:
    """The approval, if it lets exactly these bytes of one item leave, and did not before.

    Raises:
        Conflict: It is missing, of another kind, not GRANTED, for other bytes, or used.
    """
    asked = {each.subject_id for each in items_of(approval)} if approval else set()
    if approval is None or approval.kind != kind or item.subject_id not in asked:
        raise Conflict(f"found no such approval of {kind}, needed one; request their release")
    name = f"approval {approval.key}"
    if approval.status != ApprovalStatus.GRANTED or approval.deadline <= who.at:
        found = "past its deadline" if approval.deadline <= who.at else approval.status
        raise Conflict(f"{name} is {found}, needed GRANTED; request the release again")
    if item.model_dump() not in approval.items:
        raise Conflict(f"{name} is for other bytes, needed one for these; request their release")
    if item.subject_id in approval.held_back:
        raise Conflict(f"{name} keeps {item.subject_id} home, needed it among what may leave")
    if item.subject_id in approval.used:
        raise Conflict(f"{name} was used for {item.subject_id}, needed one not used yet")
    return approval


def spend(session: Session, who: Principal, approval: ApprovalRow, item: Item) -> None:
    """Use an approval for an item that it covers; a second time it covers it no more."""
    used = sorted({*approval.used, item.subject_id})
    is_open = bool(unused(approval) - {item.subject_id})
    updated(session, who, "approval.use", approval, used=used, suspended=False, is_open=is_open)


def void_publications(session: Session, who: Principal, benchmark_id: int, reason: str) -> None:
    """Make VOID what waits to be published of a benchmark, since its scores are no longer those."""
    waiting = session.exec(
        select(ApprovalRow)
        .where(ApprovalRow.benchmark_id == benchmark_id)
        .where(ApprovalRow.kind == ApprovalKind.PUBLICATION)
        .where(ApprovalRow.status == ApprovalStatus.PENDING)
    )
    for approval in waiting.all():
        settle(session, who, approval, Verdict(status=ApprovalStatus.VOID, reason=reason))


def void_publications_with(
    session: Session, who: Principal, withdrawn: DatasetRow | CubeRow, reason: str
) -> None:
    """Make VOID what waits to be published wherever a dataset or cube has a part in the scores."""
    cells = select(CellRow.benchmark_id)
    if isinstance(withdrawn, DatasetRow):
        found = set(session.exec(cells.where(CellRow.dataset_id == withdrawn.key)))
    else:
        judged = select(BenchmarkRow.id).where(BenchmarkRow.metrics_id == withdrawn.key)
        found = {
            *session.exec(cells.where(CellRow.model_id == withdrawn.key)),
            *(key for key in session.exec(judged) if key is not None),
        }
    for benchmark_id in sorted(found):
        void_publications(session, who, benchmark_id, reason)


def move_execution(
    session: Session,
    who: Principal,
    row: ExecutionRow,
    status: ExecutionStatus,
    *,
    code: Code | None = None,
    crash: Crash | None = None,
    partial: bool = False,
) -> None:
    """Move an execution.

    Args:
        code: Why it FAILED; None of every other.
        crash: What is told of the cube that did, if one did.
        partial: Whether what it submits are scores of partial predictions; once said, it stays said.

    Raises:
        Conflict: It cannot become that.
    """
    told = crash.model_dump(mode="json", exclude_none=True) if crash else {}
    become = {**next_status(row, status), "crash": told, "partial": row.partial or partial}
    updated(session, who, f"execution.{status.lower()}", row, **become, code=code)


def next_status(row: ExecutionRow, status: ExecutionStatus) -> dict[str, str | bool]:
    """An execution's next status, and what says the same of it.

    Raises:
        Conflict: It cannot become that.
    """
    after = move(EXECUTION, ExecutionStatus(row.status), status)
    return {"status": after, "is_claimed": status is ExecutionStatus.CLAIMED}


def items_of(approval: ApprovalRow) -> tuple[Item, ...]:
    """What a release approval is about."""
    return tuple(Item.model_validate(item) for item in approval.items)


def unused(approval: ApprovalRow) -> set[int]:
    """The subjects that a live release approval still covers or may yet cover."""
    if approval.status not in {ApprovalStatus.PENDING, ApprovalStatus.GRANTED}:
        return set()
    subjects = {item.subject_id for item in items_of(approval)}
    return subjects - set(approval.used) - set(approval.held_back)


def has_unused(approval: ApprovalRow) -> bool:
    """Whether somebody still has to decide, or something still has to be submitted, under it."""
    return approval.status == ApprovalStatus.PENDING or bool(unused(approval))


def _follow(
    session: Session, who: Principal, approval: ApprovalRow, status: ApprovalStatus
) -> None:
    if approval.kind == ApprovalKind.BENCHMARK:
        _follow_benchmark(session, who, approval, status)
    elif approval.kind == ApprovalKind.ASSOCIATION:
        _follow_association(session, who, approval, status)
    elif approval.kind == ApprovalKind.RESULTS:
        _follow_results(session, who, approval, status)
    elif approval.kind == ApprovalKind.PUBLICATION and status is ApprovalStatus.GRANTED:
        publication = session.get_one(PublicationRow, approval.subject_id)
        with changed(session, who, "publication.publish", publication):
            publication.published_at = who.at


def _follow_benchmark(
    session: Session, who: Principal, approval: ApprovalRow, status: ApprovalStatus
) -> None:
    benchmark = session.get_one(BenchmarkRow, approval.subject_id)
    if status is ApprovalStatus.VOID:
        return
    after = BENCHMARK_AFTER[status]
    with changed(session, who, f"benchmark.{after.lower()}", benchmark):
        benchmark.status = move(BENCHMARK, BenchmarkStatus(benchmark.status), after)
    joining.refresh_benchmark(session, benchmark.key)


def _follow_association(
    session: Session, who: Principal, approval: ApprovalRow, status: ApprovalStatus
) -> None:
    association = session.get_one(AssociationRow, approval.subject_id)
    before, after = AssociationStatus(association.status), ASSOCIATION_AFTER[status]
    with changed(session, who, f"association.{after.lower()}", association):
        association.status = move(ASSOCIATION, before, after)
    joining.refresh_association(session, association)
    if before is AssociationStatus.APPROVED:
        void_publications(session, who, association.benchmark_id, "an association ended")
    if after is AssociationStatus.APPROVED:
        notices.association_approved(session, association, who.at)


def _follow_results(
    session: Session, who: Principal, approval: ApprovalRow, status: ApprovalStatus
) -> None:
    subjects = {item.subject_id for item in items_of(approval)} - set(approval.used)
    after = ExecutionStatus.HELD_BACK
    if status is ApprovalStatus.GRANTED:
        subjects = set(approval.held_back)
    elif status is ApprovalStatus.EXPIRED:
        subjects -= set(approval.held_back)
        after = ExecutionStatus.EXPIRED
    elif status is not ApprovalStatus.REFUSED:
        return
    rows = session.exec(
        select(ExecutionRow)
        .where(col(ExecutionRow.id).in_(subjects))
        .where(ExecutionRow.status == ExecutionStatus.SCORED)
    )
    for row in rows.all():
        move_execution(session, who, row, after)
