"""What the process engine promises beyond every runner's promise."""

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from rounds.cubes import read_cube, source_digest
from rounds.errors import Code, IntegrityError, RunnerError
from rounds.runners.process import ProcessRunner
from tests.engines import PROBE, make_call, make_runner, start_hanging, wait_until_gone


class TestProcess:
    def test_refuses_a_stranger(self, tmp_path: Path) -> None:
        """A cube whose source is not on the committed list never starts."""
        call = make_call(tmp_path, "copy")

        with pytest.raises(RunnerError, match="only the cubes of this repository; use docker") as e:
            ProcessRunner().run(call)

        assert e.value.code is Code.ENGINE_REFUSED
        assert not call.log.exists()

    def test_refuses_a_changed_program(self, tmp_path: Path) -> None:
        """One byte changed in a known program since it was listed stops it before it starts."""
        folder = tmp_path / "probe"
        shutil.copytree(PROBE, folder)
        runner = ProcessRunner({source_digest(folder): folder})
        call = make_call(tmp_path, "copy", cube=read_cube(folder))
        (folder / "main.py").write_text((folder / "main.py").read_text() + "\n")

        with pytest.raises(IntegrityError, match="the source of cube probe has changed"):
            runner.run(call)

        assert not call.log.exists()

    def test_refuses_another_config(self, tmp_path: Path) -> None:
        """A known program registered with another environment is not the known cube."""
        cube = read_cube(PROBE)
        task = cube.config.tasks["infer"]
        environment = {"LD_PRELOAD": "/site/x.so"}
        run_args = task.run_args.model_copy(update={"environment": environment})
        tasks = {"infer": task.model_copy(update={"run_args": run_args})}
        hostile = replace(cube, config=cube.config.model_copy(update={"tasks": tasks}))

        with pytest.raises(IntegrityError, match="registered with another config"):
            ProcessRunner({source_digest(PROBE): PROBE}).run(
                make_call(tmp_path, "copy", cube=hostile)
            )

    def test_says_that_it_isolates_nothing(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """One line, once per runner, says what this engine is not."""
        runner, _ = make_runner("process")

        runner.run(make_call(tmp_path, "copy"))
        runner.run(make_call(tmp_path, "copy"))

        assert [r.getMessage() for r in caplog.records] == [
            "the process engine isolates nothing: it runs this repository's cubes only"
        ]

    def test_dies_with_its_runner(self, tmp_path: Path) -> None:
        """After kill -9 of the process that asked, the cube is gone too: never a second writer."""
        asker = start_hanging(tmp_path, "process")

        asker.send_signal(signal.SIGKILL)
        asker.wait()

        wait_until_gone(int((tmp_path / "output" / "pid.txt").read_text()))
