"""/associations."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from registry_api.deps import Id, IdFilter, TheCall, ThePost, TheRevision
from registry_api.routes import PREFIX, routes
from registry_api.services import association_changes, associations
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    PriorityChange,
)
from rounds.records.executions import Withdrawal

router = routes("associations", prefix=f"{PREFIX}/associations")


@router.post("", status_code=201)
def request(body: AssociationIn, call: ThePost) -> Association:
    """A request to join; APPROVED at once where a rule of the benchmark says so."""
    return call.write(associations.request, body)


class AssociationQuery(ListQuery):
    """Which associations are wanted."""

    benchmark_id: IdFilter = None
    dataset_id: IdFilter = None
    model_id: IdFilter = None
    status: AssociationStatus | None = None
    latest: Annotated[bool, Field(description="only what is in force of each pair")] = False


@router.get("")
def list_associations(
    call: TheCall, query: Annotated[AssociationQuery, Query()]
) -> Page[Association]:
    """The associations that one may know of; the latest of a pair is in force."""
    return call.read(
        associations.list_associations,
        query,
        wanted=query.columns(but={"latest"}),
        latest=query.latest,
    )


@router.get("/{association_id}")
def read(association_id: Id, call: TheCall) -> Association:
    """One association."""
    return call.read(associations.read, association_id)


@router.post("/{association_id}/revocation")
def revoke(association_id: Id, body: Withdrawal, call: ThePost) -> Association:
    """The association, REVOKED by either side; outstanding work under it stops."""
    return call.write(association_changes.revoke, association_id, body.reason)


@router.put("/{association_id}/priority")
def set_priority(
    association_id: Id, body: PriorityChange, call: TheCall, revision: TheRevision
) -> Association:
    """A model's association with a new priority."""
    return call.write(association_changes.set_priority, association_id, body, revision=revision)
