"""A preparation in several steps: each case goes its own way, and what is done is never done again."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import JsonValue

from rounds import stages
from rounds.artifacts import Progress
from rounds.errors import Code, RunnerError
from rounds.grants import as_declared
from rounds.preparation.following import read_snapshot
from rounds.records.cubes import Needs
from rounds.runners.base import Invocation
from tests.unit.workflows import (
    Counting,
    change_step,
    labels,
    make_config,
    make_workflow_context,
    make_workflow_cube,
    play_workflow,
    register,
    tasks_of,
)

EASY = "p1,one\np2,two\np3,three\n"
HARD_ONE = "p1,one\np2,hard two\np3,three\n"
CUBE = make_workflow_cube()


class TestWalk:
    def test_takes_every_case_through_its_steps(self, tmp_path: Path) -> None:
        """Split for all, outline for each, prepare for all; what prepare wrote is the prepared dataset."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, EASY)

        prepared = stages.advance(raw, CUBE, context)

        assert labels(context, prepared) == {"p1": "eno", "p2": "owt", "p3": "eerht"}
        assert tasks_of(context) == ["split", "outline", "outline", "outline", "prepare"]

    def test_runs_nothing_twice(self, tmp_path: Path) -> None:
        """What is published is taken."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, EASY)
        once = stages.advance(raw, CUBE, context)

        again = stages.advance(raw, CUBE, context)

        assert (again, len(tasks_of(context))) == (once, 5)

    def test_runs_a_step_in_its_own_image(self, tmp_path: Path) -> None:
        """A step that names an image is run in that; the others in the cube's own."""
        context = make_workflow_context(tmp_path)
        stages.advance(register(tmp_path, context.workspace, EASY), CUBE, context)

        images = {
            call.task: (call.cube.config.image, call.cube.artifacts["image"])
            for call in context.runner.calls  # type: ignore[attr-defined]
        }

        own, further = CUBE.artifacts["image"], CUBE.artifacts["image_outliner"]
        assert images == {
            "split": ("preparator", own),
            "outline": ("outliner:2", further),
            "prepare": ("preparator", own),
        }

    def test_grants_a_step_what_its_cube_was_granted(self, tmp_path: Path) -> None:
        """A grant names the registered cube; each of its steps has it, whatever image it runs in."""
        cube = replace(CUBE, needs=Needs(writable_root=True))
        plain = make_workflow_context(tmp_path)
        raw = register(tmp_path, plain.workspace, EASY)
        with pytest.raises(RunnerError, match=cube.digest):
            stages.advance(raw, cube, plain)

        context = replace(plain, grants=as_declared([cube]))
        stages.advance(raw, cube, context)

        calls = context.runner.calls  # type: ignore[attr-defined]
        assert {call.given.writable_root for call in calls} == {True}

    def test_repeats_only_what_a_revision_changed(self, tmp_path: Path) -> None:
        """A new outliner outlines again; the split stands, and so does what follows the same outlines."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, EASY)
        stages.advance(raw, CUBE, context)

        stages.advance(raw, make_workflow_cube(outliner="2"), context)

        assert tasks_of(context)[5:] == ["outline", "outline", "outline"]

    def test_repeats_only_the_cases_that_changed(self, tmp_path: Path) -> None:
        """Another export with one case changed: only that one is outlined again."""
        context = make_workflow_context(tmp_path)
        stages.advance(register(tmp_path, context.workspace, EASY), CUBE, context)
        changed = register(tmp_path, context.workspace, EASY.replace("two", "zwei"), dataset_id=5)

        prepared = stages.advance(changed, CUBE, context)

        assert tasks_of(context)[5:] == ["split", "outline", "prepare"]
        assert labels(context, prepared)["p2"] == "iewz"

    @pytest.mark.parametrize(("parallel", "allowed"), [(3, 2), (2, 3), (1, 1)])
    def test_runs_as_many_cases_at_once_as_step_and_site_allow(
        self, tmp_path: Path, parallel: int, allowed: int
    ) -> None:
        """Cases run side by side, up to the lower of the step's limit and the site's."""
        config = make_config()
        change_step(config, 1, parallel=parallel)
        engine = Counting(at_once=min(parallel, allowed))
        context = replace(make_workflow_context(tmp_path, parallel=allowed), runner=engine)
        raw = register(tmp_path, context.workspace, "".join(f"p{n},text {n}\n" for n in range(6)))

        stages.advance(raw, make_workflow_cube(config), context)

        assert engine.most == min(parallel, allowed)


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

        def play(call: Invocation) -> int | None:
            if call.task == "outline":
                raise RunnerError("found no engine, needed one", code=Code.ENGINE_MISSING)
            return play_workflow(call)

        context = make_workflow_context(tmp_path, play)
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


class TestProgress:
    def test_counts_cases_by_step(self, tmp_path: Path) -> None:
        """Percentages of the cases, step by step; a case that passes a step by is through it too."""
        told: list[Progress] = []
        context = make_workflow_context(tmp_path).telling(told.append)
        raw = register(tmp_path, context.workspace, "p1,one\np2,hard two\np3,hard\np4,four\n")

        stages.advance(raw, CUBE, context)

        assert told[-1].n_cases == 4
        assert told[-1].percentages == {"split": 100, "outline": 100, "correct": 50}
        assert "p1" not in repr(told)

    def test_keeps_each_case_for_the_site(self, tmp_path: Path) -> None:
        """The snapshot says of each case where it is."""
        context = make_workflow_context(tmp_path)
        stages.advance(register(tmp_path, context.workspace, HARD_ONE), CUBE, context)

        cases = read_snapshot(context.workspace, 4).cases

        stands = {case: (stand.step, stand.stand) for case, stand in cases.items()}
        through = ("outline", "through")
        assert stands == {"p1": through, "p2": ("correct", "waits"), "p3": through}
