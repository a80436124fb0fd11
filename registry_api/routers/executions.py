"""/executions: a site's work on its cells."""

from fastapi import APIRouter

from registry_api.deps import Id, TheCall
from registry_api.services import executions, submissions
from rounds.records.executions import (
    Claim,
    ClaimIn,
    Execution,
    Failure,
    Fenced,
    Receipt,
    Scored,
    Submission,
)

router = APIRouter(prefix="/executions", tags=["executions"])


@router.post("/claim")
def claim(body: ClaimIn, call: TheCall) -> Claim:
    """A lease on a cell; the same key gets the same claim."""
    with call.writing() as (session, who):
        return executions.claim(session, who, body, lease_s=call.settings.lease_s)


@router.post("/{execution_id}/heartbeat")
def heartbeat(execution_id: Id, body: Fenced, call: TheCall) -> Execution:
    """The execution, its lease extended."""
    with call.writing() as (session, who):
        lease_s = call.settings.lease_s
        return executions.heartbeat(session, who, execution_id, body, lease_s=lease_s)


@router.post("/{execution_id}/failure")
def fail(execution_id: Id, body: Failure, call: TheCall) -> Execution:
    """The execution, FAILED with a code."""
    with call.writing() as (session, who):
        return executions.fail(session, who, execution_id, body)


@router.post("/{execution_id}/scored")
def score(execution_id: Id, body: Scored, call: TheCall) -> Execution:
    """The execution, SCORED; its draft awaits release."""
    with call.writing() as (session, who):
        return executions.score(session, who, execution_id, body)


@router.post("/{execution_id}/hold")
def hold(execution_id: Id, body: Fenced, call: TheCall) -> Execution:
    """The execution, HELD_BACK for good."""
    with call.writing() as (session, who):
        return executions.hold(session, who, execution_id, body)


@router.post("/{execution_id}/submission")
def submit(execution_id: Id, body: Submission, call: TheCall) -> Receipt:
    """The receipt of released scores; submitted twice, stored once."""
    with call.writing() as (session, who):
        return submissions.submit(session, who, execution_id, body)
