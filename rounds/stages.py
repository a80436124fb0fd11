"""The six stages of a site's work, each one cube call whose output is published once.

Every stage begins by asking the workspace whether its inputs' digest is already published; resume, cache
and "already done" are that one mechanism.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cube_specs.models import VolumeType
from rounds import catalogue, stage_inputs
from rounds.additional_files import find_additional_files
from rounds.adoption import adopt_prepared
from rounds.artifacts import Metrics, Predictions, PreparedDataset, RawDataset, Statistics
from rounds.cubes import Cube
from rounds.digests import list_files
from rounds.documents import read_output
from rounds.errors import Code, RunnerError
from rounds.grants import Grants
from rounds.invocations import need_room, plan_call, write_parameters
from rounds.metrics import read_metrics, read_n_cases
from rounds.output_gate import check_output
from rounds.records.benchmarks import MetricContract
from rounds.records.executions import MetricValue
from rounds.runners.base import Runner, never
from rounds.runners.call_log import last_lines
from rounds.runners.verdict import failure
from rounds.supplies import Supplies
from rounds.workspace import Attempt, Workspace
from site_profiles.models import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a stage runs with: the site's workspace, engine, limits and supplies, and how what runs is marked and stopped."""

    workspace: Workspace
    runner: Runner = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    grants: Grants = field(default_factory=Grants)
    supplies: Supplies
    labels: Mapping[str, str] = field(default_factory=dict)
    is_cancelled: Callable[[], bool] = field(default=never, repr=False)

    def labelled(self, name: str, value: str) -> "RunContext":
        """The same context, what it runs marked with one label more."""
        return RunContext(
            workspace=self.workspace,
            runner=self.runner,
            limits=self.limits,
            grants=self.grants,
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
        _need_files(outputs["output_path"], cube, "prepare")
        if "output_labels_path" in cube.config.tasks["prepare"].output_volumes:
            _need_files(outputs["output_labels_path"], cube, "prepare")

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
    prepared: PreparedDataset, cube: Cube, context: RunContext, *, model_id: int
) -> Predictions:
    """What a model says of each prepared case.

    Raises:
        RunnerError: The model failed or wrote nothing.
        IntegrityError: Prepared data, image or additional files differ from their digests.
    """
    data = context.workspace.files("prepare", prepared) / "data"

    def make(attempt: Attempt) -> None:
        output = attempt.files / "predictions"
        _call(cube, "infer", {"data_path": data, "output_path": output}, attempt, context)
        _need_files(output, cube, "infer")

    key = stage_inputs.of_prepared(cube.digest, prepared.output)
    published = context.workspace.publish("infer", key, make)
    return Predictions(key=published.key, output=published.output, model_id=model_id)


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
    found = context.workspace.files("infer", predictions) / "predictions"
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
    return Metrics(key=published.key, output=published.output, model_id=predictions.model_id)


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
        grants=context.grants,
        log=log,
        scratch=run,
        labels={**context.labels, "rounds.stage": key},
        is_cancelled=context.is_cancelled,
    )
    _create_outputs(cube, task, supplied)
    need_room(context.workspace.root, free_gib=context.limits.free_gib)
    event = {"cube": cube.digest, "task": task, "key": key}
    context.workspace.note({**event, "event": "started"})
    finished = context.runner.run(call)
    context.workspace.note({**event, "event": "ended", "exit_code": finished.exit_code})
    if finished.exit_code != 0:
        raise failure(cube.name, task, finished, last_words=last_lines(log))
    check_output(attempt.files, context.limits)


def _create_outputs(cube: Cube, task: str, paths: Mapping[str, Path]) -> None:
    for key, volume in cube.config.tasks[task].output_volumes.items():
        if key in paths and volume.type is VolumeType.DIRECTORY:
            paths[key].mkdir(parents=True, exist_ok=True)
        elif key in paths:
            paths[key].touch()


def _need_files(folder: Path, cube: Cube, task: str) -> None:
    if not list_files(folder):
        message = f"cube {cube.name} ended {task} well but wrote nothing, needed at least one file"
        raise RunnerError(message, code=Code.OUTPUT_MISSING)
