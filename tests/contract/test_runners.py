"""One suite over every engine: what a runner promises, whoever runs the cube."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rounds.errors import Code, RunnerError
from rounds.runners.call_log import MAX_LOG_BYTES, before
from rounds.runners.fake import FakeRunner
from tests.engines import make_call, make_runner, play_probe, wait_until_gone

ODD = "a b,c:d'e\"f=ü§"
FAKE, PROCESS = "fake", "process"
DOCKER = pytest.param("docker", marks=pytest.mark.docker)
APPTAINER = pytest.param("apptainer", marks=pytest.mark.apptainer)
EVERY = pytest.mark.parametrize("engine", [FAKE, PROCESS, DOCKER, APPTAINER])
REAL = pytest.mark.parametrize("engine", [PROCESS, DOCKER, APPTAINER])


class TestEveryEngine:
    @EVERY
    def test_reads_inputs_and_writes_outputs(self, engine: str, tmp_path: Path) -> None:
        """A call that ends well has status 0, its output on the site's disk, its words in the log."""
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "copy", image=image)

        finished = runner.run(call)

        assert finished.exit_code == 0
        assert finished.seconds > 0
        assert (tmp_path / "output" / "in.txt").read_text() == "a case"
        assert call.log.read_text() == "copied\n"

    @EVERY
    def test_passes_on_the_exit_status(self, engine: str, tmp_path: Path) -> None:
        """A cube that fails is no error of the runner: its status is handed on, its stderr logged."""
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "fail", image=image)

        finished = runner.run(call)

        assert finished.exit_code == 3
        assert call.log.read_text() == "cannot go on\n"

    @EVERY
    def test_takes_odd_paths(self, engine: str, tmp_path: Path) -> None:
        """Spaces, commas, colons, quotes and letters beyond ASCII in a path mean nothing."""
        runner, image = make_runner(engine)

        finished = runner.run(make_call(tmp_path / ODD, "copy", image=image))

        assert finished.exit_code == 0
        assert (tmp_path / ODD / "output" / "in.txt").read_text() == "a case"

    @EVERY
    def test_appends_to_the_log(self, engine: str, tmp_path: Path) -> None:
        """A second attempt keeps the words of the first."""
        runner, image = make_runner(engine)

        runner.run(make_call(tmp_path, "fail", image=image))
        runner.run(make_call(tmp_path, "copy", image=image))

        assert (tmp_path / "logs" / "call.log").read_text() == "cannot go on\ncopied\n"

    @REAL
    def test_stops_at_the_wall_clock_limit(self, engine: str, tmp_path: Path) -> None:
        """A call beyond the limit is killed and is an error of its own class."""
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "hang", image=image, limits={"timeout_s": 2})

        with pytest.raises(RunnerError, match="ran infer longer than the site's limit") as caught:
            runner.run(call)

        assert caught.value.code is Code.CUBE_TIMEOUT
        assert call.log.read_text() == "hanging\n"

    @REAL
    def test_stops_a_cancelled_call(self, engine: str, tmp_path: Path) -> None:
        """A cube whose run a person cancelled is stopped while it runs, and the error says why."""
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "hang", image=image)
        call = replace(call, is_cancelled=lambda: call.log.exists() and call.log.stat().st_size > 0)

        with pytest.raises(RunnerError, match="was stopped in infer, since its run was") as caught:
            runner.run(call)

        assert caught.value.code is Code.CANCELLED
        pid = (tmp_path / "output" / "pid.txt").read_text()
        if engine == PROCESS:
            wait_until_gone(int(pid))

    @REAL
    def test_gives_the_same_environment_twice(
        self, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two calls get identical arguments and environment, and nothing of the worker's own."""
        monkeypatch.setenv("SITE_SECRET", "must stay")
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "report", image=image)

        runner.run(call)
        first = json.loads((tmp_path / "output" / "report.json").read_text())
        (tmp_path / "output" / "report.json").unlink()
        runner.run(call)
        second = json.loads((tmp_path / "output" / "report.json").read_text())

        assert first == second
        assert first["arguments"] == ["infer"]
        assert first["environment"]["GREETING"] == "hello, cube"
        assert "SITE_SECRET" not in first["environment"]
        assert first["stdin"] == ""

    @REAL
    def test_bounds_the_log(self, engine: str, tmp_path: Path) -> None:
        """Of what a cube prints beyond the limit the latest stays, in the log and the file before; the cube goes on."""
        runner, image = make_runner(engine)
        call = make_call(tmp_path, "flood", image=image)

        finished = runner.run(call)

        sizes = [path.stat().st_size for path in (before(call.log), call.log)]
        assert finished.exit_code == 0
        assert sizes == [MAX_LOG_BYTES // 2, 2_000_000]

    @REAL
    def test_ends_with_the_call(self, engine: str, tmp_path: Path) -> None:
        """A child that outlives its cube neither delays the end nor stays."""
        runner, image = make_runner(engine)

        finished = runner.run(make_call(tmp_path, "leave_child", image=image))

        assert finished.exit_code == 0
        if engine == PROCESS:
            wait_until_gone(int((tmp_path / "output" / "pid.txt").read_text()))


class TestFake:
    def test_refuses_an_unknown_cube(self, tmp_path: Path) -> None:
        """A cube for which nothing is to be played is refused by its name; the call is noted."""
        runner = FakeRunner({})

        with pytest.raises(RunnerError, match="has no cube probe, needed a function"):
            runner.run(make_call(tmp_path, "copy"))

        assert [call.task for call in runner.calls] == ["infer"]

    def test_reports_an_overrun(self, tmp_path: Path) -> None:
        """A played function that took longer than the limit is reported as a time-out."""
        runner = FakeRunner({"probe": play_probe})

        with pytest.raises(RunnerError, match="longer than the site's limit"):
            runner.run(make_call(tmp_path, "copy", limits={"timeout_s": 1e-9}))
