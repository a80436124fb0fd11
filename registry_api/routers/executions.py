"""/executions: a site's work on its cells."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, TheCall, ThePost
from registry_api.routes import PREFIX, routes
from registry_api.services import claims, executions, submissions
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.executions import (
    Claim,
    ClaimIn,
    Execution,
    ExecutionStatus,
    Failure,
    Fenced,
    Receipt,
    Scored,
    Submission,
)

router = routes("executions", prefix=f"{PREFIX}/executions")


@router.post("/claim")
def claim(body: ClaimIn, call: ThePost) -> Claim:
    """A lease on a cell; the same key gets the same claim."""
    return call.write(claims.claim, body, lease_s=call.office.settings.lease_s)


class ExecutionQuery(ListQuery):
    """Which executions are wanted."""

    benchmark_id: IdFilter = None
    dataset_id: IdFilter = None
    model_id: IdFilter = None
    status: ExecutionStatus | None = None


@router.get("")
def list_executions(call: TheCall, query: Annotated[ExecutionQuery, Query()]) -> Page[Execution]:
    """The executions on one's own datasets, and of one's own benchmarks."""
    return call.read(executions.list_executions, query, wanted=query.columns())


@router.get("/{execution_id}")
def read(execution_id: Id, call: TheCall) -> Execution:
    """One execution."""
    return call.read(executions.read, execution_id)


@router.post("/{execution_id}/heartbeat")
def heartbeat(execution_id: Id, body: Fenced, call: ThePost) -> Execution:
    """The execution, its lease extended."""
    lease_s = call.office.settings.lease_s
    return call.write(claims.heartbeat, execution_id, body, lease_s=lease_s)


@router.post("/{execution_id}/failure")
def fail(execution_id: Id, body: Failure, call: ThePost) -> Execution:
    """The execution, FAILED with a code."""
    return call.write(claims.fail, execution_id, body)


@router.post("/{execution_id}/scored")
def score(execution_id: Id, body: Scored, call: ThePost) -> Execution:
    """The execution, SCORED; its draft awaits release."""
    return call.write(claims.score, execution_id, body)


@router.post("/{execution_id}/submission")
def submit(execution_id: Id, body: Submission, call: ThePost) -> Receipt:
    """The receipt of released scores; submitted twice, stored once."""
    return call.write(submissions.submit, execution_id, body)
