"""A task that is called by hand is held as one at a site, by either engine."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from rounds.authoring.by_hand import plan_by_hand, run_by_hand
from rounds.calls import RunContext
from rounds.cubes import read_cube
from rounds.runners.apptainer import ApptainerRunner
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from tests.engines import CONTAINERS, EMPTY, PROBE, make_runner, supplies_of


def make_desk(engine: str, root: Path) -> tuple[RunContext, str | None]:
    """A desk in the folder `root`, its images named from there as a person would, and the probe's image."""
    runner, image = make_runner(engine)
    supplies = EMPTY
    if engine == "apptainer":
        here = supplies_of(PROBE)
        supplies = Supplies(
            mirror=Path(os.path.relpath(here.mirror, root)),
            cache=Path(os.path.relpath(here.cache, root)),
        )
        runner = ApptainerRunner(supplies)
    return RunContext(workspace=Workspace(root / "desk"), runner=runner, supplies=supplies), image


@pytest.mark.parametrize(
    "engine",
    CONTAINERS,
)
class TestByHand:
    def test_takes_every_privilege(
        self, engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No capability, no network, a read-only root; relative paths are those of whoever asks."""
        monkeypatch.chdir(tmp_path)
        context, image = make_desk(engine, tmp_path)
        probe = replace(read_cube(PROBE, image), parameters={"act": "probe"})
        Path("data").mkdir()
        Path("data/in.txt").write_text("a case")
        named = {"data_path": Path("data"), "output_path": Path("out")}

        finished = run_by_hand(plan_by_hand(probe, "infer", named, context), context)

        held = json.loads((tmp_path / "out" / "held.json").read_text())
        assert finished.exit_code == 0
        assert (held["CapEff"], held["NoNewPrivs"], held["Seccomp"]) == ("0" * 16, "1", "2")
        assert (held["interfaces"], held["root"]) == ("lo", "read-only")
