"""A preparation in several steps: each case goes its own way, and what is done is never done again."""

from dataclasses import replace
from pathlib import Path

import pytest

from rounds import stages
from rounds.artifacts import Progress
from rounds.errors import RunnerError
from rounds.grants import as_declared
from rounds.preparation.following import read_snapshot
from rounds.records.cubes import Needs
from tests.unit.workflows import (
    Counting,
    change_step,
    labels,
    make_config,
    make_workflow_context,
    make_workflow_cube,
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
