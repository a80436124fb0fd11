"""A preparation in several steps: each case goes its own way, and what is done is never done again."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from rounds import stages
from rounds.artifacts import Outstanding, PreparedDataset, Progress
from rounds.calls import RunContext
from rounds.errors import Code, NotFound, RunnerError
from rounds.preparation import desk
from rounds.preparation.following import read_snapshot
from rounds.runners.base import Finished, Invocation
from tests.unit.workflows import (
    change_step,
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


def labels(context: RunContext, prepared: PreparedDataset | Outstanding) -> dict[str, str]:
    """The prepared labels by case."""
    assert isinstance(prepared, PreparedDataset)
    folder = context.workspace.files("prepare", prepared) / "labels"
    return {path.name: path.read_text() for path in folder.iterdir()}


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


class Counting:
    """An engine that holds each outline until so many are under way, and knows the most there ever were."""

    def __init__(self, at_once: int) -> None:
        """Args: at_once: how many are needed before any goes on."""
        self._gate = threading.Barrier(at_once)
        self._lock = threading.Lock()
        self._now = self.most = 0

    def run(self, call: Invocation) -> Finished:
        """Play the call."""
        if call.task != "outline":
            return Finished(exit_code=play_workflow(call) or 0, seconds=0)
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._gate.wait(timeout=30)
        play_workflow(call)
        with self._lock:
            self._now -= 1
        return Finished(exit_code=0, seconds=0)

    def sweep(self, _site: str, _is_alive: object) -> int:
        """Nothing is left."""
        return 0


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


class TestManualSteps:
    def test_waits_for_the_cases_that_need_a_person(self, tmp_path: Path) -> None:
        """The hard case waits with its files laid out; the others are outlined; nothing is prepared yet."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)

        left = stages.advance(raw, CUBE, context)

        assert left == Outstanding(dataset_id=4, n_cases={"correct": 1})
        (note,) = desk.waiting(context.workspace, 4)
        assert (note.case, note.asks) == ("p2", "Correct the outline in mask.txt.")
        assert (note.folder / "mask" / "mask.txt").read_text() == "owt drah"
        assert (note.folder / "scan" / "scan.txt").read_text() == "hard two"

    def test_goes_on_with_what_the_person_made(self, tmp_path: Path) -> None:
        """After the edit no finished case is done again, and the corrected outline is the label."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)
        stages.advance(raw, CUBE, context)
        (note,) = desk.waiting(context.workspace, 4)
        (note.folder / "mask" / "mask.txt").write_text("by hand")

        desk.say_done(context.workspace, 4, context.limits)
        prepared = stages.advance(raw, CUBE, context)

        assert labels(context, prepared) == {"p1": "eno", "p2": "by hand", "p3": "eerht"}
        assert tasks_of(context) == ["split", "outline", "outline", "outline", "prepare"]

    def test_keeps_an_edit_while_it_waits(self, tmp_path: Path) -> None:
        """A run that looks before anybody said done leaves the files as the person has them."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)
        stages.advance(raw, CUBE, context)
        (note,) = desk.waiting(context.workspace, 4)
        (note.folder / "mask" / "mask.txt").write_text("half done")

        left = stages.advance(raw, CUBE, context)

        assert isinstance(left, Outstanding)
        assert (note.folder / "mask" / "mask.txt").read_text() == "half done"

    def test_puts_aside_what_was_for_other_data(self, tmp_path: Path) -> None:
        """A new outliner asks anew; what the person had so far is put beside it, not lost."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)
        stages.advance(raw, CUBE, context)
        (note,) = desk.waiting(context.workspace, 4)
        (note.folder / "mask" / "mask.txt").write_text("half done")

        def shout(call: Invocation) -> int | None:
            ended = play_workflow(call)
            for mask in [m.path / "mask.txt" for m in call.mounts if m.key == "mask"]:
                mask.write_text(mask.read_text().upper())
            return ended

        second = replace(context, runner=make_workflow_context(tmp_path, shout).runner)
        stages.advance(raw, make_workflow_cube(outliner="2"), second)

        (again,) = desk.waiting(context.workspace, 4)
        assert (again.folder / "mask" / "mask.txt").read_text() == "OWT DRAH"
        before = again.folder.with_name("p2.before") / "mask" / "mask.txt"
        assert before.read_text() == "half done"

    def test_takes_only_what_is_named(self, tmp_path: Path) -> None:
        """Done for one case leaves the other waiting; a case that does not wait is refused."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, "p1,hard\np2,hard too\n")
        stages.advance(raw, CUBE, context)

        desk.say_done(context.workspace, 4, context.limits, cases=["p1"])

        assert [note.case for note in desk.waiting(context.workspace, 4)] == ["p2"]
        with pytest.raises(NotFound, match="needed a case that waits"):
            desk.say_done(context.workspace, 4, context.limits, cases=["p1"])

    def test_refuses_a_link_in_what_the_person_left(self, tmp_path: Path) -> None:
        """What people left passes the same gate as what cubes write; nothing of it is taken then."""
        context = make_workflow_context(tmp_path)
        stages.advance(register(tmp_path, context.workspace, HARD_ONE), CUBE, context)
        (note,) = desk.waiting(context.workspace, 4)
        (note.folder / "mask" / "elsewhere").symlink_to("/etc/hostname")

        with pytest.raises(RunnerError, match="link"):
            desk.say_done(context.workspace, 4, context.limits)

        assert desk.waiting(context.workspace, 4) == [note]

    def test_is_refused_where_nobody_can_work(self, tmp_path: Path) -> None:
        """A compatibility test, say, has no people: the error says so."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)

        with pytest.raises(RunnerError, match="waits for people's work") as caught:
            stages.prepare(raw, CUBE, context)

        assert caught.value.code is Code.MANUAL_WORK


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
