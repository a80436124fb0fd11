"""From a prepared dataset to one model's metrics."""

from rounds import stages
from rounds.artifacts import Metrics, Predictions, PreparedDataset
from rounds.calls import RunContext
from rounds.cubes import Cube
from rounds.records.benchmarks import MetricContract
from tasks.guard import site_task


@site_task
def infer(
    prepared: PreparedDataset,
    cube: Cube,
    context: RunContext,
    *,
    model_id: int,
    partial_for: int | None = None,
) -> Predictions:
    """Prefect's view of `rounds.stages.infer`."""
    return stages.infer(prepared, cube, context, model_id=model_id, partial_for=partial_for)


@site_task
def evaluate(
    predictions: Predictions,
    prepared: PreparedDataset,
    cube: Cube,
    context: RunContext,
    *,
    contract: MetricContract,
) -> Metrics:
    """Prefect's view of `rounds.stages.evaluate`."""
    return stages.evaluate(predictions, prepared, cube, context, contract=contract)
