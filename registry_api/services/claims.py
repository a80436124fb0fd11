"""Claims: who holds a cell, for how long, and what became of the attempt.

1. One attempt at a time: a claim is refused while another key holds the cell.
2. The fencing token grows with each attempt; whoever comes with an older one is not heard.
3. A cell that is final (submitted whole and current, or held back) is never claimed again.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from registry_api.auth import Principal
from registry_api.models import BenchmarkRow, DatasetRow, ExecutionRow
from registry_api.services import benchmarks, cells, datasets, executions, releases
from registry_api.services.audit import created, updated
from registry_api.services.outcomes import move_execution, next_status
from registry_api.services.standing import Scene, standing_of
from rounds.errors import Code, Conflict
from rounds.records.executions import (
    Claim,
    ClaimIn,
    Execution,
    ExecutionStatus,
    Failure,
    Fenced,
    Scored,
)

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
    cell = executions.need_joined(
        session, benchmark.key, dataset_id=dataset.key, model_id=wanted.model_id
    )
    latest = session.get(ExecutionRow, cell.execution_id) if cell.execution_id else None
    lease = timedelta(seconds=lease_s)
    if latest is not None and _is_same(session, latest, wanted.key):
        latest.lease_until = _later(latest, who.at + lease)
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
        deadline=who.at + timedelta(seconds=benchmarks.proposal_of(benchmark).cell_deadline_s),
    )
    created(session, who, "execution.claim", row)
    cell.execution_id = row.key
    return _as_claim(row, lease_s)


def heartbeat(
    session: Session, who: Principal, execution_id: int, fenced: Fenced, *, lease_s: float
) -> Execution:
    """The execution, its lease extended; after it has ended nothing is extended.

    A lease is a sign of life, not a state: the audit log does not follow it.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is of somebody else's dataset.
        Conflict: The claim is no longer the caller's.
    """
    row = executions.find_fenced(session, who, execution_id, fenced)
    if row.status == ExecutionStatus.CLAIMED:
        row.lease_until = _later(row, who.at + timedelta(seconds=lease_s))
    return executions.as_execution(row)


def fail(session: Session, who: Principal, execution_id: int, failure: Failure) -> Execution:
    """The execution, FAILED; said twice it stays so.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is of somebody else's dataset.
        Conflict: The claim is no longer the caller's, or it has ended otherwise.
    """
    row = executions.find_fenced(session, who, execution_id, failure)
    if row.status != ExecutionStatus.FAILED:
        releases.void_for(session, who, row)
        code, crash = failure.code, failure.crash
        move_execution(session, who, row, ExecutionStatus.FAILED, code=code, crash=crash)
    return executions.as_execution(row)


def score(session: Session, who: Principal, execution_id: int, scored: Scored) -> Execution:
    """The execution, SCORED; other bytes than before make what was asked for the former ones VOID.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is of somebody else's dataset.
        Conflict: The claim is no longer the caller's, or it has ended otherwise.
    """
    row = executions.find_fenced(session, who, execution_id, scored)
    if row.sha256 == scored.sha256:
        return executions.as_execution(row)
    if row.status == ExecutionStatus.SCORED:
        releases.void_for(session, who, row)
    become = (
        {} if row.status == ExecutionStatus.SCORED else next_status(row, ExecutionStatus.SCORED)
    )
    inputs = dict(scored.inputs)
    updated(session, who, "execution.scored", row, **become, sha256=scored.sha256, inputs=inputs)
    return executions.as_execution(row)


def _later(row: ExecutionRow, until: datetime) -> datetime:
    """When a lease ends that is extended: never after the deadline, never sooner than before.

    A process whose clock is behind shortens nobody's lease.
    """
    return min(row.deadline, max(row.lease_until, until))


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
        code = Code.UNEXPECTED if after is ExecutionStatus.FAILED else None
        move_execution(session, who, latest, after, code=code)
    return latest.lapses + 1 if status is ExecutionStatus.CLAIMED else 0


def _as_claim(row: ExecutionRow, lease_s: float) -> Claim:
    return Claim(
        execution_id=row.key,
        fencing_token=row.fencing_token,
        lease_s=lease_s,
        attempt=row.attempt,
    )
