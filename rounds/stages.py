"""The six stages of a site's work, each one cube call whose output is published once.

Every stage begins by asking the workspace whether its inputs' digest is already published; resume, cache
and "already done" are that one mechanism.
"""

from rounds import catalogue, stage_inputs
from rounds.adoption import adopt_prepared
from rounds.artifacts import (
    Metrics,
    Outstanding,
    Predictions,
    PreparedDataset,
    RawDataset,
    Statistics,
)
from rounds.attempts import Attempt
from rounds.calls import RunContext, call_cube
from rounds.cubes import Cube
from rounds.documents import read_output
from rounds.errors import ManualWork
from rounds.metrics import read_metrics, read_n_cases
from rounds.noted_calls import need_files
from rounds.partial_predictions import PREDICTIONS, Rest
from rounds.preparation import desk
from rounds.preparation.preparing import goes_on, make_prepared, prepared_paths
from rounds.records.benchmarks import MetricContract
from rounds.records.executions import MetricValue


def advance(raw: RawDataset, cube: Cube, context: RunContext) -> PreparedDataset | Outstanding:
    """Data and labels in the benchmark's form, from a site's own export; or what people have still to do.

    An export that has that form already is adopted. A preparator with a workflow walks each case through its
    steps; one that writes a report goes on with what it left, and while its own check of that does not pass,
    people have work on it.

    Raises:
        RunnerError: The preparator refused the data or failed; its own words are in the site's log.
    """
    entry = catalogue.find_entry(context.workspace, raw.dataset_id)
    key = stage_inputs.of_prepare(cube.digest, raw.digest, as_prepared=entry.as_prepared)

    def make(attempt: Attempt) -> None:
        if entry.as_prepared:
            adopt_prepared(entry, attempt.files)
        else:
            make_prepared(cube, entry, attempt, context)

    try:
        published = context.workspace.publish("prepare", key, make, goes_on=goes_on(cube))
    except ManualWork:
        return desk.outstanding(context.workspace, raw.dataset_id)
    return PreparedDataset(key=published.key, output=published.output, dataset_id=raw.dataset_id)


def prepare(raw: RawDataset, cube: Cube, context: RunContext) -> PreparedDataset:
    """What `advance` gives where nobody is there to work by hand.

    Raises:
        RunnerError: The preparator failed.
        ManualWork: People have work.
    """
    found = advance(raw, cube, context)
    if isinstance(found, Outstanding):
        message = f"dataset {raw.dataset_id} waits for people's work, needed it prepared"
        hint = f"see rounds dataset progress {raw.dataset_id}"
        raise ManualWork(f"{message}; {hint}")
    return found


def sanity_check(prepared: PreparedDataset, cube: Cube, context: RunContext) -> None:
    """Pass if the preparator's own check of the prepared data does.

    Raises:
        RunnerError: It does not.
    """
    inputs = prepared_paths(context.workspace.files("prepare", prepared))
    key = stage_inputs.of_prepared(cube.digest, prepared.output)

    def make(attempt: Attempt) -> None:
        call_cube(cube, "sanity_check", inputs, attempt, context)

    context.workspace.publish("sanity_check", key, make)


def statistics(prepared: PreparedDataset, cube: Cube, context: RunContext) -> Statistics:
    """What the preparator counts on the prepared data: a non-empty YAML mapping.

    Raises:
        RunnerError: The cube failed or wrote something else.
    """
    inputs = prepared_paths(context.workspace.files("prepare", prepared))

    def make(attempt: Attempt) -> None:
        output = attempt.files / "statistics.yaml"
        call_cube(cube, "statistics", inputs | {"output_path": output}, attempt, context)
        read_output(output)

    key = stage_inputs.of_prepared(cube.digest, prepared.output)
    published = context.workspace.publish("statistics", key, make)
    return Statistics(key=published.key, output=published.output, dataset_id=prepared.dataset_id)


def infer(
    prepared: PreparedDataset,
    cube: Cube,
    context: RunContext,
    *,
    model_id: int,
    partial_for: int | None = None,
) -> Predictions:
    """What a model says of each prepared case.

    Args:
        partial_for: The execution, if what a model said before it failed is to be taken for it.

    Raises:
        RunnerError: The model failed or wrote nothing.
        IntegrityError: Prepared data, image or additional files differ from their digests.
    """
    data = context.workspace.files("prepare", prepared) / "data"
    key = stage_inputs.of_prepared(cube.digest, prepared.output)
    rest = Rest(context.workspace, context.limits, key, execution_id=partial_for)

    def make(attempt: Attempt) -> None:
        output = attempt.files / PREDICTIONS
        with rest.kept_of(attempt, context.is_cancelled):
            call_cube(cube, "infer", {"data_path": data, "output_path": output}, attempt, context)
        need_files(output, cube, "infer")

    found, is_partial = rest.or_whole(make)
    return Predictions(key=found.key, output=found.output, model_id=model_id, partial=is_partial)


def evaluate(
    predictions: Predictions,
    prepared: PreparedDataset,
    cube: Cube,
    context: RunContext,
    *,
    contract: MetricContract,
) -> Metrics:
    """What the metrics cube computes from predictions and labels, checked against the contract.

    A new metrics cube reads the predictions that are there; nothing is inferred again.

    Raises:
        RunnerError: The cube failed, or wrote what the contract does not take.
    """
    found = context.workspace.files("infer", predictions) / PREDICTIONS
    labels = prepared_paths(context.workspace.files("prepare", prepared))["labels_path"]

    def make(attempt: Attempt) -> None:
        output = attempt.files / "results.yaml"
        paths = {
            "predictions": found,
            "labels": labels,
            "output_path": output,
            "local_outputs_path": attempt.files / "local",
        }
        call_cube(cube, "evaluate", paths, attempt, context)
        document = read_output(output)
        read_metrics(document, contract)
        read_n_cases(document, contract)

    key = {
        "cube": cube.digest,
        "predictions": predictions.output,
        "labels": prepared.output,
        "contract": contract.model_dump(mode="json"),
    }
    published = context.workspace.publish("evaluate", key, make)
    return Metrics(
        key=published.key,
        output=published.output,
        model_id=predictions.model_id,
        partial=predictions.partial,
    )


def read_scores(
    metrics: Metrics, contract: MetricContract, context: RunContext
) -> tuple[dict[str, MetricValue], int]:
    """The contract's metrics, unrounded, and the number of cases they rest on."""
    document = read_output(context.workspace.files("evaluate", metrics) / "results.yaml")
    return read_metrics(document, contract), read_n_cases(document, contract)
