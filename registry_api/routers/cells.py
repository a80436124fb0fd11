"""/cells, and those of one benchmark."""

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.routers.datasets import SiteFilter
from registry_api.routes import routes
from registry_api.services import cells
from rounds.records.base import Page
from rounds.records.executions import Cell, ExecutionStatus

router = routes("cells")


@router.get("/cells")
def list_cells(
    call: TheCall,
    window: TheWindow,
    *,
    site: SiteFilter = None,
    benchmark_id: IdFilter = None,
    dataset_id: IdFilter = None,
    model_id: IdFilter = None,
    status: ExecutionStatus | None = None,
) -> Page[Cell]:
    """The cells that one may know of; unless another order is asked for, the highest priority first."""
    wanted = cells.Filter(
        site=site,
        benchmark_id=benchmark_id,
        dataset_id=dataset_id,
        model_id=model_id,
        status=status,
    )
    return call.read(cells.list_cells, window, wanted)


@router.get("/benchmarks/{benchmark_id}/cells")
def list_of_benchmark(
    benchmark_id: Id,
    call: TheCall,
    window: TheWindow,
    *,
    site: SiteFilter = None,
    dataset_id: IdFilter = None,
    model_id: IdFilter = None,
    status: ExecutionStatus | None = None,
) -> Page[Cell]:
    """A benchmark's cells that one may know of."""
    wanted = cells.Filter(site=site, dataset_id=dataset_id, model_id=model_id, status=status)
    return call.read(cells.list_of_benchmark, window, benchmark_id, wanted=wanted)
