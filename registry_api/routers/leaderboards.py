"""The leaderboard of a benchmark, and what was published of it."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, TheCall, ThePost
from registry_api.routes import routes
from registry_api.services import leaderboards, publications
from registry_api.services.paging import ListQuery
from rounds.records.approvals import Approval
from rounds.records.base import Page
from rounds.records.leaderboards import Leaderboard, Publication

router = routes("leaderboards")


@router.get("/benchmarks/{benchmark_id}/leaderboard")
def read(benchmark_id: Id, call: TheCall) -> Leaderboard:
    """A score or a reason for each dataset x model x metric, and pooled, as the sharing policy shows them."""
    return call.read(leaderboards.read, benchmark_id)


@router.post("/benchmarks/{benchmark_id}/publication", status_code=201)
def request(benchmark_id: Id, call: ThePost) -> Approval:
    """The approval that the committee is asked for, to publish the leaderboard as it is now."""
    return call.write(publications.request, benchmark_id)


class PublicationQuery(ListQuery):
    """Which publications are wanted."""

    benchmark_id: IdFilter = None


@router.get("/publications")
def list_publications(
    call: TheCall, query: Annotated[PublicationQuery, Query()]
) -> Page[Publication]:
    """Everything that was published; needs no sign-in."""
    return call.glance(publications.list_publications, query, wanted=query.columns())


@router.get("/publications/{publication_id}")
def read_publication(publication_id: Id, call: TheCall) -> Publication:
    """Something that was published; needs no sign-in."""
    return call.glance(publications.read, publication_id)


@router.get("/publications/{publication_id}/proposed")
def read_proposed(publication_id: Id, call: TheCall) -> Leaderboard:
    """The leaderboard as it would be published; for its committee."""
    return call.read(publications.proposed, publication_id)
