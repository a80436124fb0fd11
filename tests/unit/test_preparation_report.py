"""A preparator that writes a report: followed while it runs, taken up where it was, with people's work in between."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cube_specs.models import ContainerConfig, CubeKind
from rounds import stages
from rounds.artifacts import Outstanding, PreparedDataset, Progress
from rounds.calls import RunContext
from rounds.cubes import Cube
from rounds.errors import RunnerError
from rounds.preparation import desk
from rounds.preparation.following import ReportFollower, read_report, read_snapshot
from rounds.runners.base import Invocation
from tests.unit.little_site import make_context, make_cube, make_raw, mount_paths
from tests.unit.workflows import tasks_of


def reporting_cube() -> Cube:
    """The ordinary preparator, which also writes a report."""
    cube = make_cube(CubeKind.PREPARATOR)
    config = cube.config.model_dump(mode="json", exclude_none=True)
    config["tasks"]["prepare"]["output_volumes"]["report_file"] = {
        "mount_path": "/report/report.yaml",
        "type": "file",
    }
    return replace(cube, config=ContainerConfig.model_validate(config))


CUBE = reporting_cube()
REPORT = "status: {p1: 2, p2: 1}\nstatus_name: {p1: DONE, p2: REVIEW}\ncomment: {p2: look}\n"


def play(call: Invocation) -> int | None:
    """Write each label once, unverified; add a line to the log of calls; check that all are verified."""
    paths = mount_paths(call)
    if call.task == "prepare":
        (paths["output_path"] / "cases.csv").write_text("p1\np2\n")
        label = paths["output_labels_path"] / "labels.csv"
        if not label.exists():
            label.write_text("p1,unverified\n")
        paths["report_file"].write_text(REPORT)
    elif call.task == "sanity_check":
        return int("unverified" in (paths["labels_path"] / "labels.csv").read_text())
    return 0


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    """A site whose preparator writes a report."""
    return make_context(tmp_path, {"preparator": play})


class TestManualWork:
    def test_waits_while_the_check_does_not_pass(self, tmp_path: Path, context: RunContext) -> None:
        """The check is not content: people have work, in the folder that the preparator writes."""
        left = stages.advance(make_raw(tmp_path, context.workspace), CUBE, context)

        assert left == Outstanding(dataset_id=4, n_cases={"prepare": 1})
        folder = context.workspace.root / "manual" / "4" / "prepare"
        assert (folder / "labels" / "labels.csv").read_text() == "p1,unverified\n"

    def test_runs_nothing_before_somebody_says_done(
        self, tmp_path: Path, context: RunContext
    ) -> None:
        """To look is not to run: the edit is not finished."""
        raw = make_raw(tmp_path, context.workspace)
        first = stages.advance(raw, CUBE, context)

        again = stages.advance(raw, CUBE, context)

        assert (again, tasks_of(context)) == (first, ["prepare", "sanity_check"])

    def test_goes_on_from_what_people_left(self, tmp_path: Path, context: RunContext) -> None:
        """After the edit the preparator finds its own files with it, and the check passes."""
        raw = make_raw(tmp_path, context.workspace)
        stages.advance(raw, CUBE, context)
        labels = context.workspace.root / "manual" / "4" / "prepare" / "labels" / "labels.csv"
        labels.write_text("p1,verified\n".replace("verified", "fine"))

        desk.say_done(context.workspace, 4, context.limits)
        prepared = stages.advance(raw, CUBE, context)

        assert isinstance(prepared, PreparedDataset)
        files = context.workspace.files("prepare", prepared)
        assert (files / "labels" / "labels.csv").read_text() == "p1,fine\n"
        assert desk.waiting(context.workspace, 4) == []

    def test_asks_again_if_the_work_is_not_all_done(
        self, tmp_path: Path, context: RunContext
    ) -> None:
        """Said done without an edit: the check still does not pass, and people have work again."""
        raw = make_raw(tmp_path, context.workspace)
        stages.advance(raw, CUBE, context)
        desk.say_done(context.workspace, 4, context.limits)

        left = stages.advance(raw, CUBE, context)

        assert left == Outstanding(dataset_id=4, n_cases={"prepare": 1})

    def test_goes_on_with_a_copy_of_what_a_kill_left(self, tmp_path: Path) -> None:
        """What was not at rest may still be written by a container: it is left alone, and a copy taken up."""

        class Killed(BaseException):
            """As a kill: nothing of ours runs afterwards."""

        def die(call: Invocation) -> int | None:
            label = mount_paths(call)["output_labels_path"] / "labels.csv"
            label.write_text("p1,fine\n")
            raise Killed("now")

        context = make_context(tmp_path, {"preparator": die})
        raw = make_raw(tmp_path, context.workspace)
        with pytest.raises(Killed, match="now"):
            stages.advance(raw, CUBE, context)
        alive = replace(context, runner=make_context(tmp_path, {"preparator": play}).runner)

        prepared = stages.advance(raw, CUBE, alive)

        assert isinstance(prepared, PreparedDataset)
        files = context.workspace.files("prepare", prepared)
        assert (files / "labels" / "labels.csv").read_text() == "p1,fine\n"
        left = context.workspace.root / "work" / "prepare" / prepared.key / "1" / "files"
        assert (left / "labels" / "labels.csv").exists()

    def test_shows_people_the_folder_that_is_gone_on_with(
        self, tmp_path: Path, context: RunContext
    ) -> None:
        """A run that was killed while people worked left a copy: from then on they work in that."""
        raw = make_raw(tmp_path, context.workspace)
        stages.advance(raw, CUBE, context)
        (rest,) = (context.workspace.root / "work" / "prepare").glob("*/1/at-rest")
        rest.unlink()

        stages.advance(raw, CUBE, context)

        folder = context.workspace.root / "manual" / "4" / "prepare"
        assert folder.resolve() == (rest.parents[1] / "2" / "files").resolve()
        assert desk.waiting(context.workspace, 4)[0].folder == rest.parents[1] / "2" / "files"

    def test_tells_a_failed_check_from_one_that_was_stopped(self, tmp_path: Path) -> None:
        """Only the cube's own word is work for people: a check that ran out of time is a failure."""

        def slow(call: Invocation) -> int | None:
            if call.task == "sanity_check":
                raise RunnerError("ran too long", code="cube_timeout")  # type: ignore[arg-type]
            return play(call)

        context = make_context(tmp_path, {"preparator": slow})

        with pytest.raises(RunnerError, match="ran too long"):
            stages.advance(make_raw(tmp_path, context.workspace), CUBE, context)

        assert desk.waiting(context.workspace, 4) == []


class TestReport:
    def test_counts_how_many_came_so_far(self) -> None:
        """Of each status number the percentage of cases that is there or further; names stay here."""
        found = read_report(
            {
                "status": {"p1": 3, "p2": 1, "p3": 1, "p4": 0},
                "status_name": {"p1": "DONE"},
                "comment": {"p2": "look"},
            }
        )

        assert found.through == {"status_0": 100, "status_1": 75, "status_3": 25}
        assert (found.cases["p1"].stand, found.cases["p2"].comment) == ("DONE", "look")
        assert found.n_cases == 4

    @pytest.mark.parametrize(
        "document",
        [{}, {"status": "none"}, {"status": {"p1": "2", "p2": True, "p3": 2.5, "p4": None}}],
    )
    def test_takes_only_whole_numbers(self, document: dict[str, object]) -> None:
        """Anything else counts no case."""
        found = read_report(document)  # type: ignore[arg-type]

        assert (found.n_cases, found.through) == (0, {})

    def test_names_no_status_beyond_two_digits(self) -> None:
        """A number could carry more than a stage: only 0 to 99 are told."""
        found = read_report({"status": {"p1": 1, "p2": 123456, "p3": -7}})

        assert list(found.through) == ["status_1"]

    def test_is_followed_while_it_is_written(self, tmp_path: Path, context: RunContext) -> None:
        """Each change is told once; what is half written is read the next time."""
        told: list[Progress] = []
        report = tmp_path / "report.yaml"
        follower = ReportFollower(report, context.telling(told.append), 4)
        steps = [None, "status: {p1: [", REPORT, REPORT, "status: {p1: 2, p2: 2}\n"]

        for number, text in enumerate(steps):
            if text is not None and (not report.exists() or report.read_text() != text):
                report.write_text(text)
                os.utime(report, ns=(number, number))
            follower.look()

        assert [one.percentages for one in told] == [
            {"status_1": 100, "status_2": 50},
            {"status_2": 100},
        ]
        assert read_snapshot(context.workspace, 4).cases["p2"].step == "2"
