"""The six stages of a site's work, each one cube call whose output is published once.

Every stage begins by asking the workspace whether its inputs' digest is already published; resume, cache
and "already done" are that one mechanism.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rounds import catalogue, stage_inputs
from rounds.additional_files import find_additional_files
from rounds.adoption import adopt_prepared
from rounds.artifacts import (
    Metrics,
    Predictions,
    PreparedDataset,
    RawDataset,
    Statistics,
)
from rounds.cubes import Cube
from rounds.documents import read_output
from rounds.invocations import create_outputs, need_room, plan_call, write_parameters
from rounds.metrics import read_metrics, read_n_cases
from rounds.noted_calls import need_files, run_noted
from rounds.output_gate import check_output
from rounds.partial_predictions import PREDICTIONS, Rest
from rounds.records.benchmarks import MetricContract
from rounds.records.executions import MetricValue
from rounds.runners.base import Runner, never
from rounds.supplies import Supplies
from rounds.workspace import Attempt, Workspace
from site_profiles.models import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a stage runs with: the site's workspace, engine, limits and supplies, and how what runs is marked and stopped."""

    workspace: Workspace
    runner: Runner = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    supplies: Supplies
    labels: Mapping[str, str] = field(default_factory=dict)
    is_cancelled: Callable[[], bool] = field(default=never, repr=False)

    def labelled(self, name: str, value: str) -> "RunContext":
        """The same context, what it runs marked with one label more."""
        return RunContext(
            workspace=self.workspace,
            runner=self.runner,
            limits=self.limits,
            supplies=self.supplies,
            labels={**self.labels, name: value},
            is_cancelled=self.is_cancelled,
        )


def prepare(raw: RawDataset, cube: Cube, context: RunContext) -> PreparedDataset:
    """Data and labels in the benchmark's form, from a site's own export; adopted if it has that form already.

    Raises:
        RunnerError: The preparator refused the data or failed; its own words are in the site's log.
    """
    entry = catalogue.find_entry(context.workspace, raw.dataset_id)

    def make(attempt: Attempt) -> None:
        if entry.as_prepared:
            adopt_prepared(entry, attempt.files)
            return
        outputs = {
            "output_path": attempt.files / "data",
            "output_labels_path": attempt.files / "labels",
            "metadata_path": attempt.files / "metadata",
            "report_file": attempt.files / "report.yaml",
        }
        _call(cube, "prepare", catalogue.raw_paths(entry) | outputs, attempt, context)
        need_files(outputs["output_path"], cube, "prepare")
        if "output_labels_path" in cube.config.tasks["prepare"].output_volumes:
            need_files(outputs["output_labels_path"], cube, "prepare")

    key = stage_inputs.of_prepare(cube.digest, raw.digest, as_prepared=entry.as_prepared)
    published = context.workspace.publish("prepare", key, make)
    return PreparedDataset(key=published.key, output=published.output, dataset_id=raw.dataset_id)


def sanity_check(prepared: PreparedDataset, cube: Cube, context: RunContext) -> None:
    """Pass if the preparator's own check of the prepared data does.

    Raises:
        RunnerError: It does not.
    """
    inputs = _prepared_paths(prepared, context)
    key = stage_inputs.of_prepared(cube.digest, prepared.output)
    context.workspace.publish(
        "sanity_check", key, lambda attempt: _call(cube, "sanity_check", inputs, attempt, context)
    )


def statistics(prepared: PreparedDataset, cube: Cube, context: RunContext) -> Statistics:
    """What the preparator counts on the prepared data: a non-empty YAML mapping.

    Raises:
        RunnerError: The cube failed or wrote something else.
    """
    inputs = _prepared_paths(prepared, context)

    def make(attempt: Attempt) -> None:
        output = attempt.files / "statistics.yaml"
        _call(cube, "statistics", inputs | {"output_path": output}, attempt, context)
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
            _call(cube, "infer", {"data_path": data, "output_path": output}, attempt, context)
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
    labels = _labels(context.workspace.files("prepare", prepared))

    def make(attempt: Attempt) -> None:
        output = attempt.files / "results.yaml"
        paths = {
            "predictions": found,
            "labels": labels,
            "output_path": output,
            "local_outputs_path": attempt.files / "local",
        }
        _call(cube, "evaluate", paths, attempt, context)
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


def _prepared_paths(prepared: PreparedDataset, context: RunContext) -> dict[str, Path]:
    files = context.workspace.files("prepare", prepared)
    return {
        "data_path": files / "data",
        "labels_path": _labels(files),
        "metadata_path": files / "metadata",
    }


def _labels(files: Path) -> Path:
    """The prepared labels; the data's own folder where the preparator keeps them with the data."""
    return files / "labels" if (files / "labels").exists() else files / "data"


def _call(
    cube: Cube, task: str, paths: Mapping[str, Path], attempt: Attempt, context: RunContext
) -> None:
    supplied = dict(paths)
    supplied["parameters_file"] = attempt.scratch / "parameters.yaml"
    write_parameters(cube, supplied["parameters_file"])
    if cube.additional_files_sha256:
        supplied["additional_files"] = find_additional_files(
            cube, supplies=context.supplies, workspace=context.workspace
        )
    run = attempt.scratch / "run"
    run.mkdir()
    key = attempt.files.parent.parent.name
    log = context.workspace.folder("logs") / f"{key[:16]}-{task}.log"
    call = plan_call(
        cube,
        task,
        supplied,
        limits=context.limits,
        log=log,
        scratch=run,
        labels={**context.labels, "rounds.stage": key},
        is_cancelled=context.is_cancelled,
    )
    create_outputs(cube, task, supplied)
    need_room(context.workspace.root, free_gib=context.limits.free_gib)
    run_noted(call, context.runner, context.workspace, key=key)
    check_output(attempt.files, context.limits)
