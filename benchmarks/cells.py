"""What a cell costs beyond its cubes: the stages infer and evaluate, beside the same programs called bare."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, beside, figure, runs
from deployments.demo import benchmark as plan
from deployments.demo.hospitals import write_export
from deployments.demo.place import CUBES, Place
from rounds import catalogue, stages
from rounds.artifacts import PreparedDataset
from rounds.calls import RunContext
from rounds.catalogue import Entry
from rounds.cubes import Cube, read_cube
from rounds.invocations import write_parameters
from rounds.runners.process import ProcessRunner
from rounds.supplies import Supplies
from rounds.workspace import Workspace

SITE = "site-a"


def measure() -> list[Figure]:
    """Seconds a cell through `rounds.stages` and bare, alternating, and their difference."""
    staged, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        place = Place(root)
        place.fill_mirror()
        write_export(SITE, root / "raw")
        model, judge = read_cube(CUBES / plan.REFERENCE), read_cube(CUBES / plan.METRICS)
        for number in range(runs(10)):
            context = RunContext(
                workspace=Workspace(root / f"workspace-{number}"),
                runner=ProcessRunner(),
                supplies=Supplies(mirror=place.mirror, cache=place.image_cache),
            )
            prepared = _prepare(root / "raw", context)
            began = perf_counter()
            predictions = stages.infer(prepared, model, context, model_id=1)
            stages.evaluate(predictions, prepared, judge, context, contract=plan.CONTRACT)
            staged.append(perf_counter() - began)
            bare.append(_bare(root / f"bare-{number}", prepared, model, judge, context))
    overhead = [whole - alone for whole, alone in zip(staged, bare, strict=True)]
    plain = beside("the same two programs called bare", bare)
    return [
        figure("cell_s", "s", staged, beside=plain),
        figure("cell_overhead_s", "s", overhead, beside=plain),
    ]


def _prepare(raw: Path, context: RunContext) -> PreparedDataset:
    entry = Entry(
        dataset_id=1,
        benchmark_id=1,
        digest=catalogue.digest_raw(raw / "data", raw / "labels"),
        data_path=raw / "data",
        labels_path=raw / "labels",
    )
    catalogue.enter(context.workspace, entry)
    cube = read_cube(CUBES / plan.PREPARATOR)
    return stages.prepare(catalogue.find_raw(context.workspace, 1), cube, context)


def _bare(
    folder: Path, prepared: PreparedDataset, model: Cube, judge: Cube, context: RunContext
) -> float:
    files = context.workspace.files("prepare", prepared)
    weights = next((context.workspace.root / "published" / "additional_files").iterdir()) / "files"
    (folder / "predictions").mkdir(parents=True)
    (folder / "local").mkdir()
    infer = {
        "data_path": files / "data",
        "output_path": folder / "predictions",
        "additional_files": weights,
    }
    evaluate = {
        "predictions": folder / "predictions",
        "labels": files / "labels",
        "output_path": folder / "results.yaml",
        "local_outputs_path": folder / "local",
    }
    calls = [(model, "infer", infer), (judge, "evaluate", evaluate)]
    for cube, task, paths in calls:
        paths["parameters_file"] = folder / f"{task}-parameters.yaml"
        write_parameters(cube, paths["parameters_file"])
        names = {key: str(path) for key, path in paths.items()}
        (folder / f"{task}.json").write_text(json.dumps(names))
    began = perf_counter()
    for cube, task, _ in calls:
        argv = [sys.executable, "-I", str(CUBES / cube.name / "main.py"), task]
        subprocess.run(argv, env={"ROUNDS_MOUNTS": str(folder / f"{task}.json")}, check=True)
    return perf_counter() - began
