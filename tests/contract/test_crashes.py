"""What a crash at a site tells, under every real engine: numbers and a place in the cube's own image (A49)."""

from pathlib import Path

import pytest

from rounds.cubes import read_cube, source_digest
from rounds.errors import RunnerError
from rounds.noted_calls import run_noted
from rounds.records.crashes import Crash
from rounds.runners.base import Invocation, Runner, Source
from rounds.runners.process import ProcessRunner
from rounds.workspace import Workspace
from tests.engines import (
    CONTAINERS,
    contained,
    containers_writing,
    image_of,
    make_call,
    supplies_of,
)

CRASHER = Path(__file__).parents[1] / "cubes" / "crasher"

REAL = pytest.mark.parametrize("engine", ["process", *CONTAINERS])
CONTAINED = pytest.mark.parametrize("engine", CONTAINERS)
PRIVATE = ("12345", "Anna", "Janssen", "1956", "lesion", "mrn", "data")


def make_crash(engine: str, root: Path, act: str) -> tuple[Runner, Invocation]:
    """The runner of an engine, and a call of the crasher that does `act`; or the test is skipped."""
    if engine == "process":
        known = ProcessRunner({source_digest(CRASHER): CRASHER})
        return known, make_call(root, act, cube=read_cube(CRASHER))
    runner = contained(engine, lambda: supplies_of(CRASHER))
    return runner, make_call(root, act, cube=read_cube(CRASHER, image_of(CRASHER)))


def crash_of(engine: str, root: Path, act: str) -> Crash:
    """What is told of the probe that does `act`, which ends badly."""
    runner, call = make_crash(engine, root, act)
    with pytest.raises(RunnerError, match="cube crasher ended infer with exit status") as caught:
        run_noted(call, runner, Workspace(root), key="0" * 64)
    assert caught.value.crash is not None
    return caught.value.crash


def line_of(text: str) -> int:
    """The number of the one line of the probe's program that holds a text."""
    lines = (CRASHER / "main.py").read_text().splitlines()
    (found,) = (number for number, line in enumerate(lines, 1) if text in line)
    return found


class TestPlace:
    @REAL
    def test_is_the_innermost_of_the_image(self, engine: str, tmp_path: Path) -> None:
        """Module and line of the cube's own program, whatever its last words name beside."""
        crash = crash_of(engine, tmp_path, "crash")

        line = line_of("raise ValueError(message)")
        assert crash == Crash(
            task="infer",
            exit_code=1,
            place=f"main:{line}",
            peak_memory_mib=crash.peak_memory_mib,
        )

    @REAL
    def test_holds_nothing_of_the_data(self, engine: str, tmp_path: Path) -> None:
        """The patient is in the log of the site and in nothing that leaves it."""
        crash = crash_of(engine, tmp_path, "crash")

        told = crash.model_dump_json()
        log = (tmp_path / "logs" / "call.log").read_text()
        assert [word for word in PRIVATE if word in told] == []
        assert "MRN-12345" in log

    @REAL
    def test_is_not_told_of_a_line_that_is_not_there(self, engine: str, tmp_path: Path) -> None:
        """A date of birth is no line of any file: no place at all is told."""
        crash = crash_of(engine, tmp_path, "forge")

        assert (crash.place, crash.exit_code) == (None, 3)

    @REAL
    def test_is_of_this_call(self, engine: str, tmp_path: Path) -> None:
        """What an earlier attempt printed into the same log is none of this one's."""
        crash_of(engine, tmp_path, "crash")

        crash = crash_of(engine, tmp_path, "fail")

        assert crash.place is None


class TestEnd:
    @REAL
    @pytest.mark.parametrize(
        ("act", "number", "name"), [("lose_segment", 139, "SIGSEGV"), ("be_killed", 137, "SIGKILL")]
    )
    def test_says_which_signal(
        self, engine: str, act: str, number: int, name: str, tmp_path: Path
    ) -> None:
        """A program that a signal ended is told by the signal's name."""
        crash = crash_of(engine, tmp_path, act)

        assert (crash.exit_code, crash.signal) == (number, name)

    @CONTAINED
    def test_says_how_much_memory_it_had(self, engine: str, tmp_path: Path) -> None:
        """The most that was seen, in MiB."""
        crash = crash_of(engine, tmp_path, "swell")

        assert crash.peak_memory_mib is not None
        assert 100 <= crash.peak_memory_mib <= 512


class TestSources:
    @CONTAINED
    def test_are_files_of_the_image_alone(self, engine: str, tmp_path: Path) -> None:
        """The program is one; a folder, a link, a file in a mount and a missing one are not."""
        (tmp_path / "output").mkdir()
        (tmp_path / "output" / "there.py").write_text("x = 1\n")
        runner, call = make_crash(engine, tmp_path, "fail")
        paths = [
            "/cube/main.py",
            "/cube",
            "/etc/os-release",  # a link, in Debian's images
            "/nowhere/main.py",
            "/mlcommons/volumes/predictions/there.py",
        ]

        found = runner.find_sources(call, paths)

        lines = len((CRASHER / "main.py").read_text().splitlines())
        assert found == {"/cube/main.py": Source(lines=lines, folder="/cube")}

    @pytest.mark.docker
    def test_leave_no_container(self, tmp_path: Path) -> None:
        """The container that was looked into was never started, and is gone."""
        runner, call = make_crash("docker", tmp_path, "fail")

        runner.find_sources(call, ["/cube/main.py"])

        assert containers_writing(call) == []
