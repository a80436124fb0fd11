"""Each task of a cube once on demo data, by the very stages that a site runs.

What a stage before would have made is published into the trial's own workspace from the demo data, so that
nothing of the way from there on is another one.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cube_specs.models import CubeKind
from rounds import stages
from rounds.additional_files import find_additional_files
from rounds.artifacts import Predictions, PreparedDataset, Published
from rounds.attempts import Attempt
from rounds.authoring.findings import Finding, failed, ok, skipped
from rounds.authoring.lint import TASKS_RUN
from rounds.calls import RunContext
from rounds.compatibility import DEMO_ID, enter_demo
from rounds.cubes import Cube
from rounds.digests import digest_folders, list_files
from rounds.documents import read_document
from rounds.errors import RoundsError, SpecError
from rounds.records.benchmarks import MetricContract
from rounds.workspace import Workspace

CONTRACT = "contract.yaml"
# What lies in the demo folder of a cube of each kind.
DEMO_FOLDERS: Mapping[CubeKind, Sequence[str]] = {
    CubeKind.PREPARATOR: ("data", "labels"),
    CubeKind.MODEL: ("data",),
    CubeKind.METRICS: ("predictions", "labels"),
}
_UNPACKING = "additional files, unpacked"


@dataclass(frozen=True, slots=True)
class Tried:
    """What a trial found, and the error that ended it, if one did."""

    findings: list[Finding]
    error: RoundsError | None = None


def need_demo(kind: CubeKind, demo: Path) -> None:
    """Pass if a folder holds what a cube of this kind can be tried on.

    Raises:
        SpecError: Something is missing, or there is no trial of such cubes.
    """
    if kind not in DEMO_FOLDERS:
        message = f"found a cube of the kind {kind}, needed a preparator, a model or metrics"
        raise SpecError(f"{message}; try its tasks with rounds cube run")
    for name in DEMO_FOLDERS[kind]:
        if not list_files(demo / name):
            needed = ", ".join(f"{each}/" for each in DEMO_FOLDERS[kind])
            message = f"found no files in {name}/ of the demo data, needed {needed} for a {kind}"
            raise SpecError(f"{message}; name its folder with --data", detail=str(demo))
    if kind is CubeKind.METRICS and not (demo / CONTRACT).is_file():
        message = f"found no {CONTRACT} in the demo data, needed the benchmark's contract there"
        raise SpecError(f"{message}: what is taken of the results", detail=str(demo))


def try_on(cube: Cube, demo: Path, context: RunContext) -> Tried:
    """Each task of `cube` once on the demo data, up to the first that fails.

    Args:
        cube: What is tried.
        demo: What `need_demo` passes.
        context: A workspace of the trial's own: what is published there already is not run again.
    """
    steps = [*([_UNPACKING] if cube.additional_files_sha256 else []), *TASKS_RUN[cube.kind]]
    way = _way(cube, demo, context)
    findings: list[Finding] = []
    for place, step in enumerate(steps):
        begin = time.monotonic()
        try:
            says = next(way)
        except RoundsError as error:
            rest = [skipped(later, f"not run, since {step} failed") for later in steps[place + 1 :]]
            return Tried([*findings, failed(step, error.summary), *rest], error)
        findings.append(ok(step, f"{time.monotonic() - begin:.1f} s; {says}"))
    return Tried(findings)


def _way(cube: Cube, demo: Path, context: RunContext) -> Iterator[str]:
    """What came of each step, once it is done."""
    if cube.additional_files_sha256:
        folder = find_additional_files(cube, supplies=context.supplies, workspace=context.workspace)
        yield _amount(folder)
    yield from _WAYS[cube.kind](cube, demo, context)


def _prepare(cube: Cube, demo: Path, context: RunContext) -> Iterator[str]:
    raw = enter_demo(demo, context.workspace)
    prepared = stages.prepare(raw, cube, context)
    yield _amount(context.workspace.files("prepare", prepared))
    stages.sanity_check(prepared, cube, context)
    yield "the prepared data passes"
    statistics = stages.statistics(prepared, cube, context)
    yield _amount(context.workspace.files("statistics", statistics))


def _infer(cube: Cube, demo: Path, context: RunContext) -> Iterator[str]:
    predictions = stages.infer(_prepared(demo, context, "data"), cube, context, model_id=DEMO_ID)
    yield _amount(context.workspace.files("infer", predictions))


def _evaluate(cube: Cube, demo: Path, context: RunContext) -> Iterator[str]:
    contract = read_document(MetricContract, demo / CONTRACT)
    found = _published("infer", demo, context.workspace, "predictions")
    predictions = Predictions(key=found.key, output=found.output, model_id=DEMO_ID)
    prepared = _prepared(demo, context, "labels")
    metrics = stages.evaluate(predictions, prepared, cube, context, contract=contract)
    scores, n_cases = stages.read_scores(metrics, contract, context)
    told = ", ".join(f"{name} {value.score:.4g}" for name, value in scores.items())
    yield f"{told} on {n_cases} cases"


def _prepared(demo: Path, context: RunContext, name: str) -> PreparedDataset:
    found = _published("prepare", demo, context.workspace, name)
    return PreparedDataset(key=found.key, output=found.output, dataset_id=DEMO_ID)


def _published(stage: str, demo: Path, workspace: Workspace, name: str) -> Published:
    def copy(attempt: Attempt) -> None:
        shutil.copytree(demo / name, attempt.files / name)

    return workspace.publish(stage, {"demo": digest_folders([demo / name])}, copy)


def _amount(folder: Path) -> str:
    files = list_files(folder)
    size = sum(file.stat().st_size for file in files)
    return f"{len(files)} {'file' if len(files) == 1 else 'files'}, {size:,} bytes"


_WAYS: Mapping[CubeKind, Callable[[Cube, Path, RunContext], Iterator[str]]] = {
    CubeKind.PREPARATOR: _prepare,
    CubeKind.MODEL: _infer,
    CubeKind.METRICS: _evaluate,
}
