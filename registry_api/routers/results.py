"""/results: what was released, and what was published of it."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, TheCall, ThePost
from registry_api.routes import PREFIX, routes
from registry_api.services import results
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.executions import Result, ResultStatus, Withdrawal

router = routes("results", prefix=f"{PREFIX}/results")


class ResultQuery(ListQuery):
    """Which results are wanted."""

    benchmark_id: IdFilter = None
    dataset_id: IdFilter = None
    model_id: IdFilter = None
    execution_id: IdFilter = None
    status: ResultStatus | None = None


@router.get("")
def list_results(call: TheCall, query: Annotated[ResultQuery, Query()]) -> Page[Result]:
    """The results of one's own datasets, and what each benchmark's sharing policy shows one beside."""
    return call.read(results.list_results, query, wanted=query.columns())


@router.get("/{result_id}")
def read(result_id: Id, call: TheCall) -> Result:
    """One result."""
    return call.read(results.read, result_id)


@router.post("/{result_id}/withdrawal")
def withdraw(result_id: Id, body: Withdrawal, call: ThePost) -> Result:
    """The result, WITHDRAWN by its data owner with a reason."""
    return call.write(results.withdraw, result_id, body)
