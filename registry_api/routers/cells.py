"""/cells, and those of one benchmark."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, TheCall
from registry_api.routers.datasets import SiteFilter
from registry_api.routes import routes
from registry_api.services import cells
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.executions import Cell, ExecutionStatus

router = routes("cells")


class BenchmarkCellsQuery(ListQuery):
    """Which of a benchmark's cells are wanted."""

    site: SiteFilter = None
    dataset_id: IdFilter = None
    model_id: IdFilter = None
    status: ExecutionStatus | None = None


class CellsQuery(BenchmarkCellsQuery):
    """Which cells are wanted."""

    benchmark_id: IdFilter = None


@router.get("/cells")
def list_cells(call: TheCall, query: Annotated[CellsQuery, Query()]) -> Page[Cell]:
    """The cells that one may know of; unless another order is asked for, the highest priority first."""
    return call.read(cells.list_cells, query, wanted=query.columns())


@router.get("/benchmarks/{benchmark_id}/cells")
def list_of_benchmark(
    benchmark_id: Id, call: TheCall, query: Annotated[BenchmarkCellsQuery, Query()]
) -> Page[Cell]:
    """A benchmark's cells that one may know of."""
    return call.read(cells.list_of_benchmark, query, benchmark_id, wanted=query.columns())
