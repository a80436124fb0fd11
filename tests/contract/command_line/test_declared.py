"""What somebody declares of a cube or a dataset at a terminal, for all who rely on it to see."""

from pathlib import Path

import pytest
import yaml

from rounds.records.datasets import DatasetChange
from tests.contract.command_line.desk import ASKED, sit_down, write_cube, write_raw
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.world import World


@pytest.fixture
def owner(world: World, tmp_path: Path) -> Terminal:
    """An owner's terminal."""
    return sit_down(world, tmp_path / "home")


class TestCube:
    def test_tells_its_needs(self, world: World, owner: Terminal) -> None:
        """What it needs is registered beside its digest and shown; later it may change, and the digest stays."""
        write_cube(owner.home / "model")
        owner.run("cube", "submit", "model", "--needs-writable-root", "--yes")

        shown = owner.run("cube", "show", "1")
        owner.run(
            "cube", "set", "1", "--needs-no-writable-root", "--needs-scratch-gib", "8", "--yes"
        )

        cube = world.person("owner").cube(1)
        assert "needs.writable_root\tyes\n" in shown.said, shown.said
        assert (cube.needs.writable_root, cube.needs.scratch_gib) == (False, 8)
        assert f"digest\t{cube.digest}" in shown.said


class TestDataset:
    def test_may_be_prepared_already(self, world: World, owner: Terminal) -> None:
        """Both the registry and the site's catalogue know that no preparator makes it; it is never changed."""
        benchmark = world.approved_benchmark()
        owner.stand_at_site()
        raw = write_raw(owner.home, "data", "labels")

        submit = ("dataset", "submit", str(benchmark.id), *raw, *ASKED, "--as-prepared")
        ended = owner.run(*submit, typed="y\n")
        shown = owner.run("dataset", "show", "1")

        (entry,) = owner.home.glob("**/datasets/1.yaml")
        assert '"submitted_as_prepared": true' in ended.complained
        assert "submitted_as_prepared\tyes" in shown.said.splitlines()
        assert yaml.safe_load(entry.read_text())["as_prepared"] is True
        assert "submitted_as_prepared" not in DatasetChange.model_fields
