"""What a cube needs beyond the common hold: refused unless the profile grants it to this very cube, then given by every engine."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from rounds.cubes import Cube, read_cube
from rounds.errors import Code, RunnerError
from rounds.grants import Grants, as_declared
from rounds.invocations import plan_call, write_parameters
from rounds.records.cubes import Needs
from rounds.runners.base import Runner
from site_profiles.models import Limits
from tests.engines import CONTAINERS, contained, image_of, supplies_of

NEEDY = Path(__file__).parents[1] / "cubes" / "needy"
WROTE_TOO_MUCH = {
    "docker": r"wrote more than 0\.05 GiB into its image's files",
    "apptainer": r"filled its scratch of 0\.05 GiB",  # where the overlay lies
}
SMALL = Limits(memory_gib=0.25, tmp_gib=0.05, timeout_s=60)


def make_needy(act: str, needs: Needs) -> Cube:
    """The cube that does `act`, registered with these needs."""
    return replace(read_cube(NEEDY, image_of(NEEDY)), parameters={"act": act}, needs=needs)


def run(runner: Runner, root: Path, cube: Cube, grants: Grants) -> Mapping[str, object]:
    """What the cube saw, at a site with these grants and little of everything else."""
    paths = {
        "data_path": root / "data",
        "output_path": root / "output",
        "parameters_file": root / "parameters.yaml",
    }
    for folder in ("data", "output", "scratch"):
        (root / folder).mkdir(parents=True)
    write_parameters(cube, paths["parameters_file"])
    call = plan_call(
        cube,
        "infer",
        paths,
        limits=SMALL,
        log=root / "call.log",
        scratch=root / "scratch",
        labels={},
        grants=grants,
    )
    finished = runner.run(call)
    assert finished.exit_code == 0, call.log.read_text()
    seen: dict[str, object] = json.loads((root / "output" / "seen.json").read_text())
    return seen


@pytest.mark.parametrize(
    "engine",
    CONTAINERS,
)
class TestGranted:
    def test_root_can_be_written(self, engine: str, tmp_path: Path) -> None:
        """Granted and declared, the image's own files can be written by a user that is not root; else they cannot."""
        runner = contained(engine, lambda: supplies_of(NEEDY))
        cube = make_needy("root 3", Needs(writable_root=True))
        plain = make_needy("root 3", Needs())

        seen = run(runner, tmp_path / "1", cube, as_declared([cube]))
        undeclared = run(runner, tmp_path / "2", plain, as_declared([cube]))

        assert seen["wrote"] == ""
        assert seen["uid"] != 0
        assert undeclared["wrote"] == "Read-only file system"

    def test_root_is_bounded(self, engine: str, tmp_path: Path) -> None:
        """Who writes more there than /tmp may hold is stopped."""
        runner = contained(engine, lambda: supplies_of(NEEDY))
        cube = make_needy("root 4000", Needs(writable_root=True))

        with pytest.raises(RunnerError, match=WROTE_TOO_MUCH[engine]) as caught:
            run(runner, tmp_path, cube, as_declared([cube]))

        assert caught.value.code is Code.CUBE_SCRATCH

    def test_scratch_is_larger(self, engine: str, tmp_path: Path) -> None:
        """Granted and declared, /tmp holds more than the profile gives others, and more than the memory."""
        runner = contained(engine, lambda: supplies_of(NEEDY))
        cube = make_needy("scratch 400", Needs(scratch_gib=1))

        seen = run(runner, tmp_path, cube, as_declared([cube]))

        assert seen["wrote"] == ""

    def test_scratch_is_still_bounded(self, engine: str, tmp_path: Path) -> None:
        """The grant is a bound too."""
        runner = contained(engine, lambda: supplies_of(NEEDY))
        cube = make_needy("scratch 4000", Needs(scratch_gib=0.1))

        with pytest.raises(RunnerError, match=r"filled its scratch of 0\.1 GiB") as caught:
            run(runner, tmp_path, cube, as_declared([cube]))

        assert caught.value.code is Code.CUBE_SCRATCH
