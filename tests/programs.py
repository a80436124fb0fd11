"""Run the shipped cubes' programs as the process engine calls them: isolated, told their mounts by a file."""

import csv
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rounds.cubes import read_cube
from rounds.invocations import write_parameters

CUBES = Path(__file__).parents[1] / "cube_specs" / "cubes"
MODELS = ("logistic-regression", "boosted-trees", "one-feature-baseline", "small-network")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended, and what it said on stderr."""

    exit_code: int
    said: str


def run_program(cube: str, task: str, paths: Mapping[str, Path], scratch: Path) -> Ended:
    """Run one task, its registered parameters mounted too, with nothing but ROUNDS_MOUNTS in its environment."""
    scratch.mkdir(parents=True, exist_ok=True)
    parameters = scratch / "parameters.yaml"
    write_parameters(read_cube(CUBES / cube), parameters)
    told = {key: str(path) for key, path in paths.items()} | {"parameters_file": str(parameters)}
    mounts = scratch / "mounts.json"
    mounts.write_text(json.dumps(told), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(CUBES / cube / "main.py"), task],
        env={"ROUNDS_MOUNTS": str(mounts)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    return Ended(exit_code=done.returncode, said=done.stderr)


def prepare(raw: Path, folder: Path) -> Ended:
    """Prepare the export in `raw` (data and labels) into `folder` (data and labels)."""
    (folder / "data").mkdir(parents=True)
    (folder / "labels").mkdir()
    paths = {
        "data_path": raw / "data",
        "labels_path": raw / "labels",
        "output_path": folder / "data",
        "output_labels_path": folder / "labels",
    }
    return run_program("wdbc-preparator", "prepare", paths, folder / "scratch")


def infer(model: str, data: Path, folder: Path, *, tarball: Path | None = None) -> Ended:
    """Let a model score the prepared `data` into `folder`/predictions, with its own additional files."""
    (folder / "predictions").mkdir(parents=True)
    with tarfile.open(tarball or CUBES / model / "additional_files.tar.gz") as archive:
        archive.extractall(folder / "additional_files", filter="data")
    paths = {
        "data_path": data,
        "additional_files": folder / "additional_files",
        "output_path": folder / "predictions",
    }
    return run_program(model, "infer", paths, folder / "scratch")


def evaluate(predictions: Path, labels: Path, folder: Path) -> Ended:
    """Let the metrics cube write `folder`/results.yaml and, for the site alone, `folder`/local."""
    (folder / "local").mkdir(parents=True)
    paths = {
        "predictions": predictions,
        "labels": labels,
        "output_path": folder / "results.yaml",
        "local_outputs_path": folder / "local",
    }
    return run_program("binary-metrics", "evaluate", paths, folder / "scratch")


def read_table(path: Path) -> list[list[str]]:
    """The rows of a CSV file that a cube wrote, header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def read_numbers(path: Path) -> dict[str, float]:
    """The second column of a CSV file by its first, without the header."""
    return {row[0]: float(row[1]) for row in read_table(path)[1:]}
