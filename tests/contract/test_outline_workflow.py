"""The shipped preparator in steps, really run under every engine, with a person's work and a kill in between."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from rounds import stages
from rounds.artifacts import Outstanding, PreparedDataset
from rounds.calls import RunContext
from rounds.catalogue import Entry, digest_raw, enter, find_raw
from rounds.cubes import Cube, read_cube
from rounds.preparation import desk
from rounds.runners.base import Finished, Invocation, Runner
from rounds.runners.fake import FakeRunner
from rounds.runners.process import CUBES, ProcessRunner
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.models import Limits
from tests.engines import CONTAINERS, contained, image_of, supplies_of
from tests.outlines import write_scans

FOLDER = CUBES / "outline-preparator"
CASES = {"Anna Müller": False, "b": True, "c": False, "d, e": False}
SPAWN = multiprocessing.get_context("spawn")


def make_context(root: Path, engine: str) -> tuple[RunContext, Cube]:
    """A site with this engine, and the preparator as it runs there."""
    image: str | None = None
    runner: Runner = ProcessRunner()
    if engine != "process":
        runner = contained(engine, lambda: supplies_of(FOLDER))
        image = image_of(FOLDER)
    context = RunContext(
        workspace=Workspace(root / "site"),
        runner=runner,
        supplies=Supplies(mirror=root / "mirror", cache=root / "cache"),
        limits=Limits(memory_gib=0.5, timeout_s=60),
        parallel=2,
    )
    return context, read_cube(FOLDER, image)


def enter_export(root: Path, workspace: Workspace) -> None:
    """Four cases, one of which needs a person."""
    data, labels = write_scans(root / "raw", CASES)
    entry = Entry(
        dataset_id=4,
        benchmark_id=3,
        digest=digest_raw(data, labels),
        data_path=data,
        labels_path=labels,
    )
    enter(workspace, entry)


def ended_well(workspace: Workspace) -> list[str]:
    """The tasks of every call that ended with a status a step takes, in the journal's order."""
    lines = (workspace.root / "logs" / "journal.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    return [
        one["task"] for one in events if one["event"] == "ended" and one["exit_code"] in (0, 10)
    ]


@pytest.mark.parametrize(
    "engine",
    ["process", *CONTAINERS],
)
def test_is_prepared_with_a_person_in_between(tmp_path: Path, engine: str) -> None:
    """Outlined case by case, one corrected by hand, checked and counted; nothing is run twice (A13)."""
    context, cube = make_context(tmp_path, engine)
    enter_export(tmp_path, context.workspace)
    raw = find_raw(context.workspace, 4)

    left = stages.advance(raw, cube, context)
    (note,) = desk.waiting(context.workspace, 4)
    corrected = "P2\n12 12\n1\n" + " ".join(["1"] * 16 + ["0"] * 128) + "\n"
    (note.folder / "mask" / "mask.pgm").write_text(corrected)
    desk.say_done(context.workspace, 4, context.limits)
    prepared = stages.advance(raw, cube, context)

    assert left == Outstanding(dataset_id=4, n_cases={"correct": 1})
    assert note.case == "b"
    assert isinstance(prepared, PreparedDataset)
    stages.sanity_check(prepared, cube, context)
    stages.statistics(prepared, cube, context)
    files = context.workspace.files("prepare", prepared)
    assert sorted(path.name for path in (files / "data").iterdir()) == [f"{c}.pgm" for c in CASES]
    assert (files / "labels" / "b.pgm").read_text() == corrected
    assert ended_well(context.workspace) == [
        *["outline"] * 4,
        "prepare",
        "sanity_check",
        "statistics",
    ]


class KilledAfter(FakeRunner):
    """A runner whose process is killed when so many calls have ended."""

    def __init__(self, runner: Runner, *, calls: int) -> None:
        """Args: runner: what runs them; calls: how many may end."""
        super().__init__({})
        self._runner = runner
        self._left = calls

    def run(self, call: Invocation) -> Finished:
        """Run one, or die."""
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        return self._runner.run(call)


def prepare_and_die(root: Path) -> None:
    """What a child process does: prepare, and be killed on the way."""
    context, cube = make_context(root, "process")
    killed = RunContext(
        workspace=context.workspace,
        runner=KilledAfter(context.runner, calls=2),
        supplies=context.supplies,
    )
    stages.advance(find_raw(context.workspace, 4), cube, killed)


def test_goes_on_after_a_kill_where_it_was(tmp_path: Path) -> None:
    """Kill -9 after two of four cases: the next run outlines the other two."""
    context, cube = make_context(tmp_path, "process")
    enter_export(tmp_path, context.workspace)
    child = SPAWN.Process(target=prepare_and_die, args=(tmp_path,))
    child.start()
    child.join(timeout=120)

    stages.advance(find_raw(context.workspace, 4), cube, context)

    assert child.exitcode == -signal.SIGKILL
    assert ended_well(context.workspace) == ["outline"] * 4
