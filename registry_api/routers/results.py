"""/results: what was released, and what was published of it."""

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.routes import PREFIX, routes
from registry_api.services import results
from rounds.records.base import Page
from rounds.records.executions import Result, ResultStatus, Withdrawal

router = routes("results", prefix=f"{PREFIX}/results")


@router.get("")
def list_results(
    call: TheCall,
    window: TheWindow,
    *,
    benchmark_id: IdFilter = None,
    dataset_id: IdFilter = None,
    model_id: IdFilter = None,
    execution_id: IdFilter = None,
    status: ResultStatus | None = None,
) -> Page[Result]:
    """The results of one's own datasets, and what each benchmark's sharing policy shows one beside."""
    wanted = {
        "benchmark_id": benchmark_id,
        "dataset_id": dataset_id,
        "model_id": model_id,
        "execution_id": execution_id,
        "status": status,
    }
    return call.read(results.list_results, window, wanted=wanted)


@router.get("/{result_id}")
def read(result_id: Id, call: TheCall) -> Result:
    """One result."""
    return call.read(results.read, result_id)


@router.post("/{result_id}/withdrawal")
def withdraw(result_id: Id, body: Withdrawal, call: TheCall) -> Result:
    """The result, WITHDRAWN by its data owner with a reason."""
    return call.write(results.withdraw, result_id, body)
