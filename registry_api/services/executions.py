"""Executions: who holds a cell, and what became of the attempt.

1. One attempt at a time: a claim is refused while another key holds the cell.
2. The fencing token grows with each attempt; whoever comes with an older one is not heard.
3. A cell that is final (submitted and current, or held back) is never claimed again.
"""

from datetime import timedelta

from sqlmodel import Session, select

from registry_api.auth import Principal
from registry_api.models import AssociationRow, BenchmarkRow, DatasetRow, ExecutionRow
from registry_api.services import benchmarks, cells, datasets, releases
from registry_api.services.audit import changed, created
from registry_api.services.reach import own_dataset
from registry_api.services.standing import Scene, standing_of
from rounds.errors import Code, Conflict, NotFound
from rounds.records.benchmarks import AssociationStatus
from rounds.records.executions import (
    Claim,
    ClaimIn,
    Execution,
    ExecutionStatus,
    Failure,
    Fenced,
    Scored,
)
from rounds.transitions import EXECUTION, move

ENDED_BY_A_NEW_CLAIM = {
    ExecutionStatus.CLAIMED: ExecutionStatus.FAILED,
    ExecutionStatus.SCORED: ExecutionStatus.SUPERSEDED,
}


def claim(session: Session, who: Principal, wanted: ClaimIn, *, lease_s: float) -> Claim:
    """A lease on a cell; the same key gets the same claim while it is good.

    Raises:
        NotFound: There is no such dataset or benchmark that `who` may know of.
        Forbidden: The dataset is somebody else's.
        Conflict: Someone else holds the cell, it is final, or not both sides are approved.
    """
    dataset = datasets.find_own(session, who, wanted.dataset_id)
    benchmark = benchmarks.find(session, who, wanted.benchmark_id)
    datasets.need_operation(dataset, benchmark)
    need_joined(session, benchmark, dataset_id=dataset.key, model_id=wanted.model_id)
    latest = cells.latest_of(session, (benchmark.key, dataset.key, wanted.model_id))
    lease = timedelta(seconds=lease_s)
    if latest is not None and _is_same(session, latest, wanted.key):
        with changed(session, who, "execution.claim_again", latest):
            latest.lease_until = who.at + lease
        return _as_claim(latest, lease_s)
    _check_free(session, who, latest, benchmark, dataset)
    lapses = _end(session, who, latest) if latest is not None else 0
    row = ExecutionRow(
        benchmark_id=benchmark.key,
        dataset_id=dataset.key,
        model_id=wanted.model_id,
        metrics_id=benchmark.metrics_id,
        claim_key=wanted.key,
        attempt=latest.attempt + 1 if latest else 1,
        fencing_token=latest.fencing_token + 1 if latest else 1,
        lapses=lapses,
        lease_until=who.at + lease,
    )
    created(session, who, "execution.claim", row)
    return _as_claim(row, lease_s)


def heartbeat(
    session: Session, who: Principal, execution_id: int, fenced: Fenced, *, lease_s: float
) -> Execution:
    """The execution, its lease extended; after it has ended nothing is extended.

    Raises:
        NotFound: There is none of one's own.
        Conflict: The claim is no longer the caller's.
    """
    row = find_fenced(session, who, execution_id, fenced)
    if row.status == ExecutionStatus.CLAIMED:
        with changed(session, who, "execution.heartbeat", row):
            row.lease_until = who.at + timedelta(seconds=lease_s)
    return as_execution(row)


def fail(session: Session, who: Principal, execution_id: int, failure: Failure) -> Execution:
    """The execution, FAILED; said twice it stays so.

    Raises:
        NotFound: There is none of one's own.
        Conflict: The claim is no longer the caller's, or it has ended otherwise.
    """
    row = find_fenced(session, who, execution_id, failure)
    if row.status != ExecutionStatus.FAILED:
        releases.void_for(session, who, row)
        with changed(session, who, "execution.failed", row):
            _move(row, ExecutionStatus.FAILED)
            row.code = failure.code
    return as_execution(row)


def score(session: Session, who: Principal, execution_id: int, scored: Scored) -> Execution:
    """The execution, SCORED; other bytes than before make what was asked for the former ones VOID.

    Raises:
        NotFound: There is none of one's own.
        Conflict: The claim is no longer the caller's, or it has ended otherwise.
    """
    row = find_fenced(session, who, execution_id, scored)
    if row.sha256 == scored.sha256:
        return as_execution(row)
    if row.status == ExecutionStatus.SCORED:
        releases.void_for(session, who, row)
    with changed(session, who, "execution.scored", row):
        if row.status != ExecutionStatus.SCORED:
            _move(row, ExecutionStatus.SCORED)
        row.sha256 = scored.sha256
        row.inputs = dict(scored.inputs)
    return as_execution(row)


def hold(session: Session, who: Principal, execution_id: int, fenced: Fenced) -> Execution:
    """The execution, HELD_BACK for good; said twice it stays so.

    Raises:
        NotFound: There is none of one's own.
        Conflict: The claim is no longer the caller's, or it has ended otherwise.
    """
    row = find_fenced(session, who, execution_id, fenced)
    if row.status != ExecutionStatus.HELD_BACK:
        releases.void_for(session, who, row)
        with changed(session, who, "execution.held_back", row):
            _move(row, ExecutionStatus.HELD_BACK)
    return as_execution(row)


def find(session: Session, who: Principal, execution_id: int) -> ExecutionRow:
    """An execution of one's own dataset.

    Raises:
        NotFound: There is none.
    """
    row = session.exec(
        select(ExecutionRow)
        .join(DatasetRow)
        .where(ExecutionRow.id == execution_id)
        .where(own_dataset(who))
    ).first()
    if row is None:
        raise NotFound(f"found no execution {execution_id} of your datasets; check the id")
    return row


def find_fenced(
    session: Session, who: Principal, execution_id: int, fenced: Fenced
) -> ExecutionRow:
    """An execution of one's own dataset, held by the caller's fencing token.

    Raises:
        NotFound: There is none.
        Conflict: A later claim holds the cell.
    """
    row = find(session, who, execution_id)
    latest = cells.latest_of(session, (row.benchmark_id, row.dataset_id, row.model_id))
    if latest is not row or row.fencing_token != fenced.fencing_token:
        message = f"found fencing token {fenced.fencing_token} for execution {execution_id}"
        raise Conflict(f"{message}, needed the cell's current one; another claim holds it now")
    return row


def need_joined(
    session: Session, benchmark: BenchmarkRow, *, dataset_id: int, model_id: int
) -> None:
    """Pass if dataset and model both belong to the benchmark now; its reference model always does.

    Raises:
        Conflict: One does not.
    """
    approved = (
        select(AssociationRow.id)
        .where(AssociationRow.benchmark_id == benchmark.id)
        .where(AssociationRow.status == AssociationStatus.APPROVED)
    )
    dataset = approved.where(AssociationRow.dataset_id == dataset_id)
    if session.exec(dataset).first() is None:
        message = f"dataset {dataset_id} has no approved association with benchmark {benchmark.key}"
        raise Conflict(f"{message}, needed one; ask to join")
    model = approved.where(AssociationRow.model_id == model_id)
    if model_id != benchmark.reference_model_id and session.exec(model).first() is None:
        message = f"model {model_id} has no approved association with benchmark {benchmark.key}"
        raise Conflict(f"{message}, needed one; ask to join")


def as_execution(row: ExecutionRow) -> Execution:
    """The record of a row."""
    return Execution.model_validate(row.model_dump(include=set(Execution.model_fields)))


def _is_same(session: Session, latest: ExecutionRow, key: str) -> bool:
    if latest.claim_key != key:
        return False
    if latest.status == ExecutionStatus.SCORED:
        return latest.key not in cells.awaited(session, [latest.dataset_id])
    return latest.status == ExecutionStatus.CLAIMED


def _check_free(
    session: Session,
    who: Principal,
    latest: ExecutionRow | None,
    benchmark: BenchmarkRow,
    dataset: DatasetRow,
) -> None:
    live = cells.awaited(session, [dataset.key])
    scene = Scene(metrics_id=benchmark.metrics_id, awaited=live, now=who.at)
    standing = standing_of(latest, scene)
    if not standing.runnable:
        reason = standing.reason or "submitted and current"
        raise Conflict(f"found the cell {reason}, needed one that is to be run")


def _end(session: Session, who: Principal, latest: ExecutionRow) -> int:
    """End an attempt that a new claim follows; how many in a row have lapsed by now."""
    status = ExecutionStatus(latest.status)
    if (after := ENDED_BY_A_NEW_CLAIM.get(status)) is not None:
        with changed(session, who, f"execution.{after.lower()}", latest):
            _move(latest, after)
            latest.code = Code.UNEXPECTED if after is ExecutionStatus.FAILED else None
    return latest.lapses + 1 if status is ExecutionStatus.CLAIMED else 0


def _move(row: ExecutionRow, status: ExecutionStatus) -> None:
    row.status = move(EXECUTION, ExecutionStatus(row.status), status)


def _as_claim(row: ExecutionRow, lease_s: float) -> Claim:
    return Claim(
        execution_id=row.key,
        fencing_token=row.fencing_token,
        lease_s=lease_s,
        attempt=row.attempt,
    )
