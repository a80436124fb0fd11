"""A case that fails: the others go on, it is tried again as often as its step says, and no more is begun if none is to blame."""

import threading
from pathlib import Path

import pytest
from pydantic import JsonValue

from rounds import stages
from rounds.errors import Code, RunnerError
from rounds.preparation.following import read_snapshot
from rounds.runners.base import Invocation
from tests.unit.little_site import enter_raw
from tests.unit.workflows import (
    change_step,
    labels,
    make_config,
    make_workflow_context,
    make_workflow_cube,
    play_workflow,
    raising,
    register,
    tasks_of,
)

EASY = "p1,one\np2,two\np3,three\n"
HARD_ONE = "p1,one\np2,hard two\np3,three\n"
CUBE = make_workflow_cube()


class TestFailures:
    def test_lets_the_other_cases_go_on(self, tmp_path: Path) -> None:
        """One case fails: the others are through, and a rerun tries that one only."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, "p1,broken\np2,two\np3,three\n")
        with pytest.raises(RunnerError, match=r"failed on 1 of 3 cases in outline"):
            stages.advance(raw, CUBE, context)

        with pytest.raises(RunnerError, match="failed on 1 of 3"):
            stages.advance(raw, CUBE, context)

        assert tasks_of(context) == ["split", "outline", "outline", "outline", "outline"]

    def test_names_no_case(self, tmp_path: Path) -> None:
        """What may leave of a failure counts cases; which, and its words, are in the snapshot and the log."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, "Anna Mueller,broken\np2,two\n")

        with pytest.raises(RunnerError, match="failed on 1 of 2") as caught:
            stages.advance(raw, CUBE, context)

        assert "Anna" not in f"{caught.value} {caught.value.detail}"
        stand = read_snapshot(context.workspace, 4).cases["Anna Mueller"]
        assert (stand.step, stand.stand) == ("outline", "failed")

    def test_leaves_out_a_case_that_may_be_skipped(self, tmp_path: Path) -> None:
        """With on_error skip the dataset is prepared without the case."""
        config = make_config()
        change_step(config, 1, on_error="skip")
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, "p1,broken\np2,two\n")

        prepared = stages.advance(raw, make_workflow_cube(config), context)

        assert labels(context, prepared) == {"p2": "owt"}

    def test_takes_nothing_of_a_skipped_case(self, tmp_path: Path) -> None:
        """A case that is left out is left out whole, whatever its earlier steps wrote."""
        config = make_config()
        change_step(config, 1, next={})
        again: dict[str, JsonValue] = {
            "step": "again",
            "task": "outline",
            "each": "split.cases",
            "inputs": {"scan": "split.cases/*"},
            "image": "further",
            "on_error": "skip",
        }
        steps = config["workflow"]
        assert isinstance(steps, list)
        steps[2] = again
        change_step(config, 3, inputs={"data_path": "split.cases", "masks": "outline.mask"})

        def play(call: Invocation) -> int | None:
            texts = [m.path / "scan.txt" for m in call.mounts if m.key == "scan"]
            second = "again" in call.cube.config.image
            return 1 if second and "two" in texts[0].read_text() else play_workflow(call)

        images: dict[str, JsonValue] = {
            "outliner": {"container_type": "DockerImage", "image": "outliner:2"},
            "further": {"container_type": "DockerImage", "image": "again:1"},
        }
        context = make_workflow_context(tmp_path, play)
        raw = register(tmp_path, context.workspace, EASY)

        prepared = stages.advance(raw, make_workflow_cube({**config, "images": images}), context)

        assert sorted(labels(context, prepared)) == ["p1", "p3"]

    def test_does_not_prepare_nothing(self, tmp_path: Path) -> None:
        """If every case would be skipped, the preparation failed."""
        config = make_config()
        change_step(config, 1, on_error="skip")
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, "p1,broken\n")

        with pytest.raises(RunnerError, match="failed on every case"):
            stages.advance(raw, make_workflow_cube(config), context)

    def test_tries_again_as_often_as_the_step_says(self, tmp_path: Path) -> None:
        """Two retries: the third try may do well."""
        tries: list[str] = []

        def play(call: Invocation) -> int | None:
            tries.append(call.task)
            return (
                1 if tries.count("outline") < 3 and call.task == "outline" else play_workflow(call)
            )

        config = make_config()
        change_step(config, 1, retries=2)
        context = make_workflow_context(tmp_path, play)
        raw = register(tmp_path, context.workspace, "p1,one\n")

        prepared = stages.advance(raw, make_workflow_cube(config), context)

        assert labels(context, prepared) == {"p1": "eno"}

    def test_ends_at_once_if_no_case_is_to_blame(self, tmp_path: Path) -> None:
        """An engine that is not there is no case's failure: nothing more is tried."""
        error = RunnerError("found no engine, needed one", code=Code.ENGINE_MISSING)
        context = make_workflow_context(tmp_path, raising("outline", error))
        raw = register(tmp_path, context.workspace, EASY)

        with pytest.raises(RunnerError, match="found no engine"):
            stages.advance(raw, CUBE, context)

        assert tasks_of(context).count("outline") == 1

    def test_begins_nothing_once_cancelled(self, tmp_path: Path) -> None:
        """A run that is cancelled while one case is outlined outlines no other."""
        cancelled = threading.Event()

        def play(call: Invocation) -> int | None:
            if call.task == "outline":
                cancelled.set()
            return play_workflow(call)

        context = make_workflow_context(tmp_path, play).stopped_by(cancelled.is_set)
        raw = register(tmp_path, context.workspace, EASY)

        with pytest.raises(RunnerError, match="its run was cancelled") as caught:
            stages.advance(raw, CUBE, context)

        assert (caught.value.code, tasks_of(context)) == (Code.CANCELLED, ["split", "outline"])

    def test_says_itself_what_failed_for_all(self, tmp_path: Path) -> None:
        """A step for all cases that fails is told as any cube's failure, with its code."""
        error = RunnerError("it used all its memory", code=Code.CUBE_MEMORY)
        context = make_workflow_context(tmp_path, raising("split", error))
        raw = register(tmp_path, context.workspace, EASY)

        with pytest.raises(RunnerError, match="it used all its memory") as caught:
            stages.advance(raw, CUBE, context)

        assert caught.value.code is Code.CUBE_MEMORY

    def test_tells_the_limit_that_a_case_broke(self, tmp_path: Path) -> None:
        """Cases are counted, and the code is what the first of them ended with."""
        error = RunnerError("it ran too long", code=Code.CUBE_TIMEOUT)
        context = make_workflow_context(tmp_path, raising("outline", error))
        raw = register(tmp_path, context.workspace, EASY)

        with pytest.raises(RunnerError, match="failed on 3 of 3 cases") as caught:
            stages.advance(raw, CUBE, context)

        assert caught.value.code is Code.CUBE_TIMEOUT

    def test_takes_no_hidden_file_for_a_case(self, tmp_path: Path) -> None:
        """What a file browser leaves beside the cases is not one."""
        config = make_config()
        change_step(config, 1, each="raw.data_path", inputs={"scan": "raw.data_path/*"})
        change_step(config, 2, each="raw.data_path", inputs={"mask": "outline.mask"})
        context = make_workflow_context(tmp_path)
        register(tmp_path, context.workspace, EASY)
        folder = tmp_path / "raw-4" / "data"
        (folder / "p1").mkdir()
        (folder / "p1" / "scan.txt").write_text("one")
        (folder / ".DS_Store").write_text("1")
        (folder / "export.csv").unlink()
        steps = config["workflow"]
        assert isinstance(steps, list)
        del steps[0]
        change_step(config, 2, inputs={"data_path": "raw.data_path", "masks": "outline.mask"})
        raw = enter_raw(context.workspace, folder)

        prepared = stages.advance(raw, make_workflow_cube(config), context)

        assert list(labels(context, prepared)) == ["p1"]
