"""A preparator in several steps, small and whole: split, outline, correct by hand, prepare; and what is played for it."""

import threading
from pathlib import Path

from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind
from rounds.artifacts import Outstanding, PreparedDataset, RawDataset
from rounds.calls import RunContext
from rounds.cubes import Cube
from rounds.digests import sha256_bytes
from rounds.errors import RunnerError
from rounds.runners.base import Finished, Invocation
from rounds.runners.fake import FakeRunner, Play
from rounds.workspace import Workspace
from tests.unit.little_site import enter_raw, little_supplies, mount_paths

HARD = 10


def volumes(*keys: str) -> dict[str, JsonValue]:
    """Folders, each mounted at a place called after its key."""
    return {key: {"mount_path": f"/{key}", "type": "directory"} for key in keys}


def make_config(**changes: JsonValue) -> dict[str, JsonValue]:
    """The document: every case is outlined by itself, the hard ones are corrected by a person."""
    config: dict[str, JsonValue] = {
        "container_type": "DockerImage",
        "image": "preparator",
        "images": {"outliner": {"container_type": "DockerImage", "image": "outliner:2"}},
        "tasks": {
            "split": {
                "input_volumes": volumes("data_path"),
                "output_volumes": volumes("cases"),
            },
            "outline": {
                "input_volumes": volumes("scan"),
                "output_volumes": volumes("mask"),
            },
            "prepare": {
                "input_volumes": volumes("data_path", "masks"),
                "output_volumes": volumes("output_path", "output_labels_path"),
            },
            "statistics": {
                "input_volumes": volumes("data_path"),
                "output_volumes": {
                    "output_path": {"mount_path": "/out/statistics.yaml", "type": "file"}
                },
            },
        },
        "workflow": [
            {"step": "split"},
            {
                "step": "outline",
                "image": "outliner",
                "each": "split.cases",
                "inputs": {"scan": "split.cases/*"},
                "next": {"0": "end", str(HARD): "correct"},
            },
            {
                "step": "correct",
                "manual": "Correct the outline in mask.txt.",
                "each": "split.cases",
                "inputs": {"scan": "split.cases/*", "mask": "outline.mask"},
            },
            {
                "step": "prepare",
                "inputs": {
                    "data_path": "split.cases",
                    "masks": ["correct.mask", "outline.mask"],
                },
            },
        ],
    }
    return config | changes


def change_step(config: dict[str, JsonValue], number: int, **changes: JsonValue) -> None:
    """Change one step of a document in place."""
    steps = config["workflow"]
    assert isinstance(steps, list)
    step = steps[number]
    assert isinstance(step, dict)
    step.update(changes)


def make_workflow_cube(config: dict[str, JsonValue] | None = None, *, outliner: str = "1") -> Cube:
    """The preparator, whose outliner is an image of its own with a version."""
    return Cube(
        name="preparator",
        kind=CubeKind.PREPARATOR,
        config=ContainerConfig.model_validate(config or make_config()),
        artifacts={
            "source": sha256_bytes(f"all of {outliner}".encode()),
            "image": sha256_bytes(b"preparator"),
            "image_outliner": sha256_bytes(f"outliner {outliner}".encode()),
        },
    )


def play_workflow(call: Invocation) -> int | None:
    """Split a line a case; outline by turning the text round, hard ones with another status; prepare copies."""
    paths = mount_paths(call)
    if call.task == "split":
        for line in (paths["data_path"] / "export.csv").read_text().splitlines():
            name, _, text = line.partition(",")
            (paths["cases"] / name).mkdir()
            (paths["cases"] / name / "scan.txt").write_text(text)
    elif call.task == "outline":
        text = (paths["scan"] / "scan.txt").read_text()
        if "broken" in text:
            print(f"no outline of {text}")  # noqa: T201  what a cube prints
            return 1
        (paths["mask"] / "mask.txt").write_text(text[::-1])
        return HARD if "hard" in text else 0
    elif call.task == "prepare":
        for case in sorted(paths["masks"].iterdir()):
            scan = paths["data_path"] / case.name / "scan.txt"
            (paths["output_path"] / case.name).write_text(scan.read_text())
            (paths["output_labels_path"] / case.name).write_text((case / "mask.txt").read_text())
    elif call.task == "statistics":
        paths["output_path"].write_text("n_cases: 3\n")
    return 0


def raising(task: str, error: RunnerError) -> Play:
    """The preparator, but for one task that ends with an error."""

    def play(call: Invocation) -> int | None:
        if call.task == task:
            raise error
        return play_workflow(call)

    return play


def make_workflow_context(
    root: Path, play: Play = play_workflow, *, parallel: int = 1
) -> RunContext:
    """A context whose engine plays the preparator."""
    return RunContext(
        workspace=Workspace(root / "site"),
        runner=FakeRunner({"preparator": play}),
        supplies=little_supplies(root),
        parallel=parallel,
    )


def register(root: Path, workspace: Workspace, rows: str, *, dataset_id: int = 4) -> RawDataset:
    """A raw export of these rows, entered in the catalogue under the id."""
    data, labels = root / f"raw-{dataset_id}" / "data", root / f"raw-{dataset_id}" / "labels"
    for folder in (data, labels):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "export.csv").write_text(rows)
    return enter_raw(workspace, data, dataset_id=dataset_id)


def tasks_of(context: RunContext) -> list[str]:
    """What the context's engine was asked for, in order."""
    assert isinstance(context.runner, FakeRunner)
    return [call.task for call in context.runner.calls]


def labels(context: RunContext, prepared: PreparedDataset | Outstanding) -> dict[str, str]:
    """The prepared labels by case."""
    assert isinstance(prepared, PreparedDataset)
    folder = context.workspace.files("prepare", prepared) / "labels"
    return {path.name: path.read_text() for path in folder.iterdir()}


class Counting(FakeRunner):
    """An engine that holds each outline until so many are under way, and knows the most there ever were.

    Then it holds them a little longer, so that one too many has the time to show itself.
    """

    def __init__(self, at_once: int) -> None:
        """Args: at_once: how many are needed before any goes on."""
        super().__init__({})
        self._at_once = at_once
        self._gate = threading.Barrier(at_once)
        self._too_many = threading.Event()
        self._lock = threading.Lock()
        self._now = self.most = 0

    def run(self, call: Invocation) -> Finished:
        """Play the call."""
        if call.task != "outline":
            return Finished(exit_code=play_workflow(call) or 0, seconds=0)
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            if self._now > self._at_once:
                self._too_many.set()
        self._gate.wait(timeout=30)
        self._too_many.wait(timeout=0.3)
        play_workflow(call)
        with self._lock:
            self._now -= 1
        return Finished(exit_code=0, seconds=0)
