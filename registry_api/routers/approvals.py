"""/approvals."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from registry_api.deps import Id, IdFilter, TheCall, ThePost
from registry_api.routers.datasets import SiteFilter
from registry_api.routes import PREFIX, routes
from registry_api.services import approvals, decisions, duties, releases, suspensions
from registry_api.services.paging import ListQuery
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CodeIn,
    CodeOut,
    DecisionIn,
    Delegation,
    Extension,
    ReleaseRequest,
    Suspension,
)
from rounds.records.base import Page
from rounds.records.executions import Withdrawal

router = routes("approvals", prefix=f"{PREFIX}/approvals")


@router.post("", status_code=201)
def request_release(body: ReleaseRequest, call: ThePost) -> Approval:
    """The approval that the data owner is asked for; asked again, the same one while it is live."""
    return call.write(releases.request, body)


class ApprovalQuery(ListQuery):
    """Which approvals are wanted."""

    status: ApprovalStatus | None = None
    kind: ApprovalKind | None = None
    site: SiteFilter = None
    benchmark_id: IdFilter = None
    is_open: Annotated[bool | None, Field(alias="open")] = None
    mine: bool = False


@router.get("")
def list_approvals(call: TheCall, query: Annotated[ApprovalQuery, Query()]) -> Page[Approval]:
    """The approvals that one may know of; open ones wait for a person, a submission or a run's waking."""
    return call.read(
        approvals.list_approvals,
        query,
        wanted=query.columns(but={"is_open", "mine"}),
        is_open=query.is_open,
        mine=query.mine,
    )


@router.get("/{approval_id}")
def read(approval_id: Id, call: TheCall) -> Approval:
    """One approval."""
    return call.read(approvals.read, approval_id)


@router.post("/{approval_id}/decision")
def decide(approval_id: Id, body: DecisionIn, call: ThePost) -> Approval:
    """The approval, decided by a person who signed in at most 15 minutes ago."""
    return call.write(decisions.decide, approval_id, body)


@router.post("/{approval_id}/code", status_code=201)
def mint_code(approval_id: Id, body: DecisionIn, call: ThePost) -> CodeOut:
    """A one-time code that carries this decision into a resume form."""
    return call.write(decisions.mint_code, approval_id, body)


@router.post("/{approval_id}/redeem")
def redeem(approval_id: Id, body: CodeIn, call: ThePost) -> Approval:
    """The approval, decided as the person who minted the code wished."""
    return call.write(decisions.redeem, approval_id, body)


@router.post("/{approval_id}/revocation")
def revoke(approval_id: Id, call: ThePost) -> Approval:
    """The approval, REVOKED for whatever was not used yet."""
    return call.write(decisions.revoke, approval_id)


@router.post("/{approval_id}/extension")
def extend(approval_id: Id, body: Extension, call: ThePost) -> Approval:
    """The approval, with a later deadline."""
    return call.write(duties.extend, approval_id, body)


@router.post("/{approval_id}/withdrawal")
def withdraw(approval_id: Id, body: Withdrawal, call: ThePost) -> Approval:
    """The approval, WITHDRAWN by who asked for it."""
    return call.write(duties.withdraw, approval_id, body)


@router.post("/{approval_id}/delegation")
def delegate(approval_id: Id, body: Delegation, call: ThePost) -> Approval:
    """The approval, which somebody else may see and decide too from now on."""
    return call.write(duties.delegate, approval_id, body)


@router.post("/{approval_id}/suspension")
def suspend(approval_id: Id, body: Suspension, call: ThePost) -> Approval:
    """The approval, with a run asleep on it."""
    return call.write(suspensions.suspend, approval_id, body)


@router.delete("/{approval_id}/suspension")
def end_suspension(approval_id: Id, call: TheCall) -> Approval:
    """The approval, with no run asleep on it any more."""
    return call.write(suspensions.end_suspension, approval_id)
