"""/approvals."""

from typing import Annotated

from fastapi import APIRouter, Query

from registry_api.deps import Id, TheCall, TheWindow
from registry_api.services import approvals, decisions, releases
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CodeIn,
    CodeOut,
    DecisionIn,
    ReleaseRequest,
    Suspension,
)
from rounds.records.base import Page
from rounds.records.people import Scope

router = APIRouter(prefix="/approvals", tags=["approvals"])


@router.post("", status_code=201)
def request_release(body: ReleaseRequest, call: TheCall) -> Approval:
    """The approval that the data owner is asked for; asked again, the same one while it is live."""
    with call.writing() as (session, who):
        return releases.request(session, who, body)


@router.get("")
def list_approvals(
    call: TheCall,
    window: TheWindow,
    *,
    status: ApprovalStatus | None = None,
    kind: ApprovalKind | None = None,
    site: str | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    mine: bool = False,
) -> Page[Approval]:
    """The approvals that one may know of; open ones wait for a person, a submission or a run's waking."""
    wanted: dict[str, str | None] = {"status": status, "kind": kind, "site": site}
    with call.reading() as (session, who):
        return approvals.list_approvals(
            session, who, window, wanted=wanted, is_open=is_open, mine=mine
        )


@router.get("/{approval_id}")
def read(approval_id: Id, call: TheCall) -> Approval:
    """One approval."""
    with call.reading() as (session, who):
        return approvals.as_approval(approvals.find(session, who, approval_id))


@router.post("/{approval_id}/decision")
def decide(approval_id: Id, body: DecisionIn, call: TheCall) -> Approval:
    """The approval, decided."""
    with call.writing(Scope.READ) as (session, who):
        return decisions.decide(session, who, approval_id, body)


@router.post("/{approval_id}/code", status_code=201)
def mint_code(approval_id: Id, body: DecisionIn, call: TheCall) -> CodeOut:
    """A one-time code that carries this decision into a resume form."""
    with call.writing(Scope.READ) as (session, who):
        return decisions.mint_code(session, who, approval_id, body)


@router.post("/{approval_id}/redeem")
def redeem(approval_id: Id, body: CodeIn, call: TheCall) -> Approval:
    """The approval, decided as the person who minted the code wished."""
    with call.writing() as (session, who):
        return decisions.redeem(session, who, approval_id, body)


@router.post("/{approval_id}/revocation")
def revoke(approval_id: Id, call: TheCall) -> Approval:
    """The approval, REVOKED for whatever was not used yet."""
    with call.writing(Scope.READ) as (session, who):
        return decisions.revoke(session, who, approval_id)


@router.post("/{approval_id}/suspension")
def suspend(approval_id: Id, body: Suspension, call: TheCall) -> Approval:
    """The approval, with a run asleep on it."""
    with call.writing() as (session, who):
        return decisions.suspend(session, who, approval_id, body)


@router.delete("/{approval_id}/suspension")
def end_suspension(approval_id: Id, call: TheCall) -> Approval:
    """The approval, with no run asleep on it any more."""
    with call.writing() as (session, who):
        return decisions.end_suspension(session, who, approval_id)
