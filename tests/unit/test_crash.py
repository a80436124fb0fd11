"""The place of a crash: read from a log that may say anything, told only as the image's own."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from cube_specs.models import CubeKind
from rounds import catalogue, stages
from rounds.calls import RunContext
from rounds.errors import Code, IntegrityError, RunnerError
from rounds.records.crashes import Crash
from rounds.records.executions import Failure
from rounds.runners.base import Finished, Invocation, Source
from rounds.runners.crash import count_lines, find_place, place_among, read_frames
from rounds.runners.fake import FakeRunner
from rounds.runners.verdict import failure
from tasks.guard import StageFailed, site_safe
from tests.unit.little_site import (
    GOOD_CUBES,
    little_supplies,
    make_context,
    make_cube,
    make_raw,
)

NET = Source(lines=40, folder="/app")
SOURCES: Mapping[str, Source] = {"/app/models/net.py": NET, "/app/main.py": NET}
LOG = """starting
Traceback (most recent call last):
  File "/app/old.py", line 3, in <module>
KeyError: 'MRN-12345'
again
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    main()
  File "/app/models/net.py", line 17, in forward
    x = self.layer(x)
        ^^^^^^^^^^^^^
  File "/data/MRN-12345.py", line 7, in Janssen
ValueError: Anna Janssen, born 1956-03-01, has no lesion
"""
PRIVATE = ("MRN", "12345", "Anna", "Janssen", "1956", "lesion", "data")


def crash_in_log(_: Invocation) -> int:
    """A model that crashes over a patient."""
    print(LOG)  # noqa: T201  # as a cube does
    return 139


class RefusingRunner(FakeRunner):
    """An engine that does not let itself be asked about an image."""

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:  # noqa: ARG002  as every runner's
        """Refuse."""
        raise IntegrityError("the image is another one, needed the registered one")


def context_of(root: Path, runner: FakeRunner) -> RunContext:
    """A context with an engine."""
    workspace = make_context(root).workspace
    return RunContext(workspace=workspace, runner=runner, supplies=little_supplies(root))


def crash_of(root: Path, runner: FakeRunner) -> RunnerError:
    """The error of a model that crashes on dataset 4."""
    context = context_of(root, runner)
    raw = make_raw(root, context.workspace)
    prepared = stages.prepare(
        catalogue.find_raw(context.workspace, raw.dataset_id),
        make_cube(CubeKind.PREPARATOR),
        context,
    )
    with pytest.raises(RunnerError, match="ended infer with exit status 139") as caught:
        stages.infer(prepared, make_cube(CubeKind.MODEL), context, model_id=5)
    return caught.value


class TestFrames:
    def test_are_those_of_the_last_traceback(self) -> None:
        """Of the log only places are read, the innermost last; an earlier crash is not this one."""
        frames = read_frames(LOG)

        assert frames == [
            ("/app/main.py", 12),
            ("/app/models/net.py", 17),
            ("/data/MRN-12345.py", 7),
        ]

    @pytest.mark.parametrize(
        "line",
        [
            '  File "/data/Anna Janssen.py", line 7, in x',
            '  File "/data/Ann\u00e4.py", line 7, in x',
            '  File "/app/../data/a.py", line 7, in x',
            '  File "/app//main.py", line 7, in x',
            '  File "app/main.py", line 7, in x',
            '  File "/app/main.txt", line 7, in x',
            '  File "<string>", line 7, in x',
            '  File "/app/main.py", line 0, in x',
            '  File "/app/main.py", line 19560301, in x',
            '  File "/app/main.py", line 7 of Anna',
            'said File "/app/main.py", line 7, in x',
        ],
    )
    def test_have_a_plain_absolute_path_and_a_line(self, line: str) -> None:
        """What is no place of a Python file is not even asked for."""
        assert read_frames(f"Traceback (most recent call last):\n{line}\nValueError") == []

    def test_are_none_without_a_traceback(self) -> None:
        """Words alone name no place."""
        assert read_frames('  File "/app/main.py", line 12, in main\n') == []


class TestPlace:
    def test_is_the_innermost_that_the_image_has(self) -> None:
        """A frame outside of the image is passed over."""
        assert place_among(read_frames(LOG), SOURCES) == "models.net:17"

    def test_is_none_without_a_file_of_the_image(self) -> None:
        """What is not found in the image is not told."""
        assert place_among(read_frames(LOG), {}) is None

    def test_is_none_beyond_the_end_of_the_file(self) -> None:
        """A line that the file does not have is no place, and the next frame is not taken in its stead."""
        short = {**SOURCES, "/app/models/net.py": Source(lines=16, folder="/app")}

        assert place_among(read_frames(LOG), short) is None

    @pytest.mark.parametrize(
        ("path", "folder", "module"),
        [
            ("/app/main.py", "/app", "main"),
            ("/app/main.py", "/", "app.main"),
            ("/opt/net/core.py", "/app", "opt.net.core"),
            ("/usr/lib/python3/dist-packages/numpy/core.py", "/app", "numpy.core"),
            ("/usr/local/lib/python3.11/json/decoder.py", "/app", "json.decoder"),
            ("/venv/lib/python3.11/site-packages/torch/nn/__init__.py", "/app", "torch.nn"),
        ],
    )
    def test_is_named_as_python_names_it(self, path: str, folder: str, module: str) -> None:
        """A library's module by its own name, the cube's from the image's working folder on."""
        found = place_among([(path, 1)], {path: Source(lines=1, folder=folder)})

        assert found == f"{module}:1"

    @pytest.mark.parametrize("path", ["/app/my-model/run.py", f"/app/{'x' * 130}.py"])
    def test_is_none_of_an_odd_name(self, path: str) -> None:
        """Only letters, digits, underscores and dots are told, and not many."""
        assert place_among([(path, 1)], {path: Source(lines=1, folder="/app")}) is None

    @pytest.mark.parametrize(("content", "lines"), [(b"", 0), (b"x", 1), (b"x\n", 1), (b"x\ny", 2)])
    def test_counts_lines_as_an_editor_does(self, content: bytes, lines: int) -> None:
        """The last line counts with or without its end."""
        assert count_lines(content) == lines


class TestCrash:
    def test_tells_nothing_of_the_data(self, tmp_path: Path) -> None:
        """Neither what the registry is told nor what Prefect sees holds a word of the cube's."""
        runner = FakeRunner({**GOOD_CUBES, "model": crash_in_log}, sources=SOURCES)
        error = crash_of(tmp_path, runner)

        with (
            pytest.raises(StageFailed, match="ended infer with exit status 139") as caught,
            site_safe(),
        ):
            raise error

        told = Crash(task="infer", exit_code=139, signal="SIGSEGV", place="models.net:17")
        failed = caught.value
        body = Failure(fencing_token=1, code=failed.code, crash=failed.crash or Crash())
        assert body.crash == told
        assert [word for word in PRIVATE if word in f"{body.model_dump_json()} {failed}"] == []
        assert "Janssen" in error.detail

    def test_has_no_place_if_the_image_cannot_be_looked_at(self, tmp_path: Path) -> None:
        """An engine that refuses costs the place, never the failure itself."""
        error = crash_of(tmp_path, RefusingRunner({**GOOD_CUBES, "model": crash_in_log}))

        assert error.code is Code.CUBE_FAILED
        assert error.crash == Crash(task="infer", exit_code=139, signal="SIGSEGV")

    @pytest.mark.parametrize(
        ("exit_code", "signal"),
        [(1, None), (128, None), (134, "SIGABRT"), (137, "SIGKILL"), (139, "SIGSEGV"), (170, None)],
    )
    def test_names_the_signal(self, exit_code: int, signal: str | None) -> None:
        """What is over 128 and a signal's number is that signal."""
        error = failure("m", "infer", Finished(exit_code=exit_code, seconds=1), last_words="")

        assert error.crash == Crash(task="infer", exit_code=exit_code, signal=signal)

    def test_tells_memory_in_whole_mib(self) -> None:
        """The most that was seen; not to the byte."""
        finished = Finished(exit_code=1, seconds=1, peak_memory=812 * 1024**2 + 77)

        error = failure("m", "infer", finished, last_words="")

        assert error.crash is not None
        assert error.crash.peak_memory_mib == 812

    @pytest.mark.parametrize(
        "told",
        [
            {"exit_code": 256},
            {"exit_code": -11},
            {"signal": "SIGANNA"},
            {"signal": "SIGSEGV\n"},
            {"task": "Janssen"},
            {"place": "/data/MRN-12345.py:7"},
            {"place": "models.net"},
            {"place": "models.net:0"},
            {"place": "models.net:17 Anna"},
            {"place": "models.net:17\n"},
            {"words": "Anna"},
        ],
    )
    def test_has_no_room_for_anything_else(self, told: Mapping[str, object]) -> None:
        """Every field is closed: the registry refuses whatever is no number or no word of its list."""
        with pytest.raises(ValidationError, match="validation error"):
            Crash.model_validate_json(json.dumps(told))


class TestFindPlace:
    def test_asks_nothing_without_frames(self, tmp_path: Path) -> None:
        """An engine is not bothered for a log without a traceback."""
        runner = RefusingRunner(dict(GOOD_CUBES))
        context = context_of(tmp_path, runner)
        make_raw(tmp_path, context.workspace)
        stages.prepare(
            catalogue.find_raw(context.workspace, 4), make_cube(CubeKind.PREPARATOR), context
        )

        assert find_place("no traceback", runner.calls[0], runner) is None
