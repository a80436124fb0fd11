"""/cells, and those of one benchmark."""

from fastapi import APIRouter

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.services import cells
from rounds.records.base import Page
from rounds.records.executions import Cell

router = APIRouter(tags=["cells"])


@router.get("/cells")
def list_cells(
    call: TheCall,
    window: TheWindow,
    *,
    site: str | None = None,
    benchmark_id: IdFilter = None,
    dataset_id: IdFilter = None,
) -> Page[Cell]:
    """The cells that one may know of, the highest priority first, then by model."""
    wanted = cells.Filter(site=site, benchmark_id=benchmark_id, dataset_id=dataset_id)
    with call.reading() as (session, who):
        return cells.list_cells(session, who, window, wanted)


@router.get("/benchmarks/{benchmark_id}/cells")
def list_of_benchmark(benchmark_id: Id, call: TheCall, window: TheWindow) -> Page[Cell]:
    """A benchmark's cells that one may know of."""
    with call.reading() as (session, who):
        return cells.list_of_benchmark(session, who, window, benchmark_id)
