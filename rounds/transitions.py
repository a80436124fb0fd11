"""Which states may follow which: one pure table for each noun, and the one function that reads them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from rounds.errors import Conflict
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import AssociationStatus, BenchmarkStatus
from rounds.records.cubes import State
from rounds.records.datasets import PreparationStatus
from rounds.records.executions import ExecutionStatus, ResultStatus
from rounds.records.service import NoticeStatus

S = TypeVar("S", bound=StrEnum)

BENCHMARK: Mapping[BenchmarkStatus, frozenset[BenchmarkStatus]] = {
    BenchmarkStatus.PENDING: frozenset({BenchmarkStatus.APPROVED, BenchmarkStatus.REJECTED}),
    BenchmarkStatus.APPROVED: frozenset({BenchmarkStatus.PENDING}),
    BenchmarkStatus.REJECTED: frozenset(),
}

ASSOCIATION: Mapping[AssociationStatus, frozenset[AssociationStatus]] = {
    AssociationStatus.PENDING: frozenset(
        {AssociationStatus.APPROVED, AssociationStatus.REJECTED, AssociationStatus.WITHDRAWN}
    ),
    AssociationStatus.APPROVED: frozenset({AssociationStatus.REVOKED}),
    AssociationStatus.REJECTED: frozenset(),
    AssociationStatus.REVOKED: frozenset(),
    AssociationStatus.WITHDRAWN: frozenset(),
}

APPROVAL: Mapping[ApprovalStatus, frozenset[ApprovalStatus]] = {
    ApprovalStatus.PENDING: frozenset(
        {
            ApprovalStatus.GRANTED,
            ApprovalStatus.REFUSED,
            ApprovalStatus.EXPIRED,
            ApprovalStatus.VOID,
            ApprovalStatus.WITHDRAWN,
        }
    ),
    ApprovalStatus.GRANTED: frozenset(
        {ApprovalStatus.EXPIRED, ApprovalStatus.REVOKED, ApprovalStatus.VOID}
    ),
    ApprovalStatus.REFUSED: frozenset(),
    ApprovalStatus.EXPIRED: frozenset(),
    ApprovalStatus.REVOKED: frozenset(),
    ApprovalStatus.VOID: frozenset(),
    ApprovalStatus.WITHDRAWN: frozenset(),
}

EXECUTION: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = {
    ExecutionStatus.CLAIMED: frozenset(
        {ExecutionStatus.SCORED, ExecutionStatus.FAILED, ExecutionStatus.HELD_BACK}
    ),
    ExecutionStatus.SCORED: frozenset(
        {
            ExecutionStatus.SUBMITTED,
            ExecutionStatus.FAILED,
            ExecutionStatus.HELD_BACK,
            ExecutionStatus.EXPIRED,
            ExecutionStatus.SUPERSEDED,
        }
    ),
    ExecutionStatus.SUBMITTED: frozenset({ExecutionStatus.SUPERSEDED, ExecutionStatus.WITHDRAWN}),
    ExecutionStatus.FAILED: frozenset(),
    ExecutionStatus.HELD_BACK: frozenset(),
    ExecutionStatus.EXPIRED: frozenset(),
    ExecutionStatus.SUPERSEDED: frozenset(),
    ExecutionStatus.WITHDRAWN: frozenset(),
}

RESULT: Mapping[ResultStatus, frozenset[ResultStatus]] = {
    ResultStatus.IN_FORCE: frozenset({ResultStatus.SUPERSEDED, ResultStatus.WITHDRAWN}),
    ResultStatus.SUPERSEDED: frozenset(),
    ResultStatus.WITHDRAWN: frozenset(),
}

STATE: Mapping[State, frozenset[State]] = {
    State.DEVELOPMENT: frozenset({State.OPERATION}),
    State.OPERATION: frozenset(),
}

PREPARATION: Mapping[PreparationStatus, frozenset[PreparationStatus]] = {
    PreparationStatus.NOT_STARTED: frozenset(
        {PreparationStatus.RUNNING, PreparationStatus.FAILED, PreparationStatus.FINISHED}
    ),
    PreparationStatus.RUNNING: frozenset(
        {
            PreparationStatus.MANUAL,
            PreparationStatus.WAITING,
            PreparationStatus.FAILED,
            PreparationStatus.FINISHED,
        }
    ),
    PreparationStatus.MANUAL: frozenset(
        {PreparationStatus.RUNNING, PreparationStatus.FAILED, PreparationStatus.FINISHED}
    ),
    PreparationStatus.WAITING: frozenset(
        {PreparationStatus.RUNNING, PreparationStatus.FAILED, PreparationStatus.FINISHED}
    ),
    PreparationStatus.FAILED: frozenset({PreparationStatus.RUNNING, PreparationStatus.FINISHED}),
    PreparationStatus.FINISHED: frozenset(),
}

NOTICE: Mapping[NoticeStatus, frozenset[NoticeStatus]] = {
    NoticeStatus.WAITING: frozenset({NoticeStatus.DELIVERED, NoticeStatus.GONE, NoticeStatus.DEAD}),
    NoticeStatus.DELIVERED: frozenset(),
    NoticeStatus.GONE: frozenset(),
    NoticeStatus.DEAD: frozenset({NoticeStatus.WAITING}),
}


def move(table: Mapping[S, frozenset[S]], old: S, new: S) -> S:
    """`new`, if `table` lets it follow `old`.

    Raises:
        Conflict: It does not.
    """
    if new in table[old]:
        return new
    allowed = ", ".join(sorted(table[old])) or "nothing"
    raise Conflict(f"found {old}, which may become {allowed}, not {new}; read it again")
