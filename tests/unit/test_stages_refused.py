"""What stops a stage, and in which words: none of the cube's and none of a patient's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import stages
from rounds.calls import RunContext
from rounds.errors import Code, IntegrityError, RunnerError
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner
from site_profiles.models import Limits
from tests.unit.builders import write_tree
from tests.unit.little_site import GOOD_CUBES, make_context, make_cube, make_raw, mount_paths
from tests.unit.test_stages import MODEL, PREPARATOR, calls, evaluate, prepare

Write = Callable[[Path], object]


class TestRaw:
    def test_that_changed_is_not_prepared(self, tmp_path: Path) -> None:
        """Data that differs from its registration stops before any cube sees it."""
        context = make_context(tmp_path)
        make_raw(tmp_path, context.workspace)
        (tmp_path / "raw" / "labels" / "export.csv").write_text("p1,1\np2,0\np3,1\n")

        with pytest.raises(IntegrityError, match="differs from what was registered"):
            prepare(context, tmp_path)

        assert calls(context) == []

    def test_that_was_prepared_and_changed_is_not_used(self, tmp_path: Path) -> None:
        """Prepared data that was altered on the disk is found before a model reads it."""
        context = make_context(tmp_path)
        prepared = prepare(context, tmp_path)
        data = context.workspace.files("prepare", prepared) / "data" / "cases.csv"
        data.write_text("p1,0\n")

        with pytest.raises(IntegrityError, match="differ from their manifest"):
            stages.infer(prepared, MODEL, context, model_id=5)

        assert calls(context) == ["prepare"]


class TestFailing:
    def test_by_exit_status_keeps_the_cubes_words_home(self, tmp_path: Path) -> None:
        """A cube that exits 3 is told by its name, task and status; its words are for the site only."""

        def fail(call: Invocation) -> int:
            print("no value for patient Anna Mueller", call.task)  # noqa: T201
            return 3

        context = make_context(tmp_path, {"preparator": fail})

        with pytest.raises(
            RunnerError, match="cube preparator ended prepare with exit status 3"
        ) as caught:
            prepare(context, tmp_path)

        assert caught.value.code is Code.CUBE_FAILED
        assert "Anna Mueller" not in str(caught.value)
        assert "Anna Mueller" in caught.value.detail

    def test_shows_the_end_of_a_long_log(self, tmp_path: Path) -> None:
        """The detail holds the last lines, which say why; the log itself holds all."""

        def fail(call: Invocation) -> int:
            print("\n".join(f"line {number} of {call.task}" for number in range(100)))  # noqa: T201
            return 1

        context = make_context(tmp_path, {"preparator": fail})

        with pytest.raises(RunnerError, match="its own words are in the site's log") as caught:
            prepare(context, tmp_path)

        assert caught.value.detail.splitlines()[0] == "line 80 of prepare"
        assert caught.value.detail.splitlines()[-1] == "line 99 of prepare"

    def test_of_a_sanity_check_does_not_pass(self, tmp_path: Path) -> None:
        """A check that failed is asked again, and passes when it passes."""
        bad = GOOD_CUBES | {"strict": lambda _: 1}  # type: ignore[operator]
        context = make_context(tmp_path, bad)
        prepared = prepare(context, tmp_path)
        strict = make_cube(CubeKind.PREPARATOR, "strict")

        for _ in "12":
            with pytest.raises(RunnerError, match="ended sanity_check with exit status 1"):
                stages.sanity_check(prepared, strict, context)

        assert calls(context) == ["prepare", "sanity_check", "sanity_check"]

    def test_publishes_nothing_and_is_tried_again(self, tmp_path: Path) -> None:
        """After a failure the same stage runs again, and its success is published."""
        first = make_context(tmp_path, {"preparator": lambda _: 3})
        with pytest.raises(RunnerError, match="exit status 3"):
            prepare(first, tmp_path)
        second = make_context(tmp_path)

        prepared = prepare(second, tmp_path)

        assert calls(second) == ["prepare"]
        assert second.workspace.find("prepare", prepared.key) is not None


class TestOutputs:
    def play(self, root: Path, name: str, write: Write) -> RunContext:
        """A context in which the cube `name` does `write` to its output and nothing else."""

        def play(call: Invocation) -> None:
            write(mount_paths(call)["output_path"])

        return make_context(root, {**GOOD_CUBES, name: play})

    def test_of_a_model_must_be_there(self, tmp_path: Path) -> None:
        """A model that ends well and writes nothing has not answered."""
        context = self.play(tmp_path, "model", lambda _: None)

        with pytest.raises(RunnerError, match="ended infer well but wrote nothing") as caught:
            evaluate(context, tmp_path)

        assert caught.value.code is Code.OUTPUT_MISSING

    def test_of_a_preparator_must_be_both(self, tmp_path: Path) -> None:
        """Data without labels is not prepared."""
        context = self.play(tmp_path, "preparator", lambda path: (path / "a").touch())

        with pytest.raises(RunnerError, match="ended prepare well but wrote nothing") as caught:
            prepare(context, tmp_path)

        assert caught.value.code is Code.OUTPUT_MISSING

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", Code.OUTPUT_MISSING),
            ("{}", Code.OUTPUT_MISSING),
            ("auc: [", Code.OUTPUT_INVALID),
            ("- 0.9", Code.OUTPUT_INVALID),
            ("Anna Mueller", Code.OUTPUT_INVALID),
            ("auc: &a {value: 0.9}\nbrier: *a", Code.OUTPUT_INVALID),
            ("auc: {value: .nan, variance: 0}\nbrier: 0\nn_cases: 3", Code.METRIC_INVALID),
            ("auc: {value: 0.9, variance: 0}\nbrier: 1e400\nn_cases: 3", Code.METRIC_INVALID),
            ("auc: {value: 0.9, variance: 0}\nbrier: 0", Code.METRIC_INVALID),
            ("auc: Anna Mueller", Code.METRIC_INVALID),
        ],
    )
    def test_of_a_metrics_cube_must_keep_the_contract(
        self, tmp_path: Path, text: str, code: Code
    ) -> None:
        """Nothing, no YAML, no mapping, NaN, a missing metric: each has its code, none is repeated."""
        context = self.play(tmp_path, "metrics", lambda path: path.write_text(text))

        with pytest.raises(RunnerError, match="the cube") as caught:
            evaluate(context, tmp_path)

        assert caught.value.code is code
        assert "Anna" not in str(caught.value)
        assert not (context.workspace.root / "published" / "evaluate").exists()

    def test_of_statistics_must_be_a_mapping(self, tmp_path: Path) -> None:
        """What a preparator counts is held to the same form."""
        context = make_context(tmp_path)
        prepared = prepare(context, tmp_path)
        bad = self.play(tmp_path, "preparator", lambda path: path.write_text("- 1"))

        with pytest.raises(RunnerError, match=r"statistics\.yaml: found a list") as caught:
            stages.statistics(prepared, PREPARATOR, bad)

        assert caught.value.code is Code.OUTPUT_INVALID

    @pytest.mark.parametrize("target", ["/etc/passwd", "nowhere"])
    def test_must_not_be_links(self, tmp_path: Path, target: str) -> None:
        """A cube that puts a link in place of its output gets nothing of the site read."""

        def link(path: Path) -> None:
            path.unlink()
            path.symlink_to(target)

        context = self.play(tmp_path, "metrics", link)

        with pytest.raises(RunnerError, match="a cube left a link or a special file") as caught:
            evaluate(context, tmp_path)

        assert caught.value.code is Code.OUTPUT_INVALID

    def test_must_not_hold_links(self, tmp_path: Path) -> None:
        """A link among the predictions is refused like one in their place."""
        context = self.play(tmp_path, "model", lambda path: (path / "a").symlink_to("/etc/passwd"))

        with pytest.raises(RunnerError, match="needed only files and folders") as caught:
            evaluate(context, tmp_path)

        assert caught.value.code is Code.OUTPUT_INVALID

    def test_must_not_be_too_much(self, tmp_path: Path) -> None:
        """What a stage may leave is bounded by its context, and by that for every cube."""
        eight = dict.fromkeys("abcdefgh", b"")
        context = self.play(tmp_path, "model", lambda path: write_tree(path, eight))
        narrow = replace(context, limits=Limits(output_files=7))

        with pytest.raises(RunnerError, match="more than 7 files and folders") as caught:
            evaluate(narrow, tmp_path)

        assert caught.value.code is Code.OUTPUT_TOO_LARGE
        assert not (context.workspace.root / "published" / "infer").exists()

    def test_need_room_before_they_are_written(self, tmp_path: Path) -> None:
        """On a disk that is nearly full no cube is started."""
        context = self.play(tmp_path, "model", lambda path: write_tree(path, {"a": b""}))
        full = replace(context, limits=Limits(free_gib=1e9))

        with pytest.raises(RunnerError, match="has less than 1e\\+09 GiB left") as caught:
            evaluate(full, tmp_path)

        assert caught.value.code is Code.NO_ROOM
        assert isinstance(context.runner, FakeRunner)
        assert context.runner.calls == []
