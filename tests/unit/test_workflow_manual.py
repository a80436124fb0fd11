"""A step that a person does: files laid out, nothing taken before somebody says done, nothing of theirs lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rounds import stages
from rounds.artifacts import Outstanding
from rounds.errors import Code, NotFound, RunnerError
from rounds.preparation import desk
from rounds.runners.base import Invocation
from tests.unit.workflows import (
    labels,
    make_workflow_context,
    make_workflow_cube,
    play_workflow,
    register,
    tasks_of,
)

HARD_ONE = "p1,one\np2,hard two\np3,three\n"
CUBE = make_workflow_cube()


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

    def test_misses_a_part_that_is_gone(self, tmp_path: Path) -> None:
        """What was laid out has to be there still, or the next step would read nothing."""
        context = make_workflow_context(tmp_path)
        stages.advance(register(tmp_path, context.workspace, HARD_ONE), CUBE, context)
        (note,) = desk.waiting(context.workspace, 4)
        shutil.rmtree(note.folder / "mask")

        with pytest.raises(RunnerError, match="found no 'mask' among the files of a case"):
            desk.say_done(context.workspace, 4, context.limits)

        assert desk.waiting(context.workspace, 4) == [note]

    def test_is_refused_where_nobody_can_work(self, tmp_path: Path) -> None:
        """A compatibility test, say, has no people: the error says so."""
        context = make_workflow_context(tmp_path)
        raw = register(tmp_path, context.workspace, HARD_ONE)

        with pytest.raises(RunnerError, match="waits for people's work") as caught:
            stages.prepare(raw, CUBE, context)

        assert caught.value.code is Code.MANUAL_WORK
