"""/associations."""

from fastapi import APIRouter

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.services import associations
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    PriorityChange,
)
from rounds.records.people import Scope

router = APIRouter(prefix="/associations", tags=["associations"])


@router.post("", status_code=201)
def request(body: AssociationIn, call: TheCall) -> Association:
    """A request to join; APPROVED at once where a rule of the benchmark says so."""
    with call.writing() as (session, who):
        return associations.request(session, who, body)


@router.get("")
def list_associations(
    call: TheCall,
    window: TheWindow,
    *,
    benchmark_id: IdFilter = None,
    dataset_id: IdFilter = None,
    model_id: IdFilter = None,
    status: AssociationStatus | None = None,
) -> Page[Association]:
    """The associations that one may know of; the latest of a pair is in force."""
    wanted: dict[str, int | str | None] = {
        "benchmark_id": benchmark_id,
        "dataset_id": dataset_id,
        "model_id": model_id,
        "status": status,
    }
    with call.reading() as (session, who):
        return associations.list_associations(session, who, window, wanted=wanted)


@router.post("/{association_id}/revocation")
def revoke(association_id: Id, call: TheCall) -> Association:
    """The association, REVOKED; outstanding work under it stops."""
    with call.writing(Scope.DECIDE) as (session, who):
        return associations.revoke(session, who, association_id)


@router.put("/{association_id}/priority")
def set_priority(association_id: Id, body: PriorityChange, call: TheCall) -> Association:
    """A model's association with a new priority."""
    with call.writing() as (session, who):
        return associations.set_priority(session, who, association_id, body)
