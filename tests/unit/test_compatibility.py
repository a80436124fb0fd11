"""A benchmark's compatibility test on the demo data, with played cubes."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from cube_specs.models import CubeKind
from rounds.calls import RunContext
from rounds.catalogue import digest_raw
from rounds.compatibility import run_compatibility_test
from rounds.digests import canonical_json
from rounds.errors import IntegrityError, RunnerError
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner, Play
from rounds.workspace import Workspace
from tests.unit.builders import make_contract, make_document
from tests.unit.little_site import GOOD_CUBES, little_supplies, make_cube, mount_paths

ROLES = (CubeKind.PREPARATOR, CubeKind.MODEL, CubeKind.METRICS)


def write_demo(folder: Path) -> Path:
    """Public demo data of two cases."""
    for name in ("data", "labels"):
        (folder / name).mkdir(parents=True)
        (folder / name / "export.csv").write_text("p1,1\np2,0\n")
    return folder


def try_out(demo: Path, root: Path, runner: FakeRunner) -> dict[str, JsonValue]:
    """The report on the played cubes, the work lying below `root`."""
    return run_compatibility_test(
        demo,
        preparator=make_cube(CubeKind.PREPARATOR),
        model=make_cube(CubeKind.MODEL),
        metrics=make_cube(CubeKind.METRICS),
        contract=make_contract(),
        context=RunContext(
            workspace=Workspace(root / "site"), runner=runner, supplies=little_supplies(root)
        ),
    )


def leave_nothing(call: Invocation) -> None:
    """Play a cube that writes none of its outputs."""


def write_nan(call: Invocation) -> None:
    """Play a metrics cube whose AUROC is no number."""
    document = make_document(auc={"value": float("nan"), "variance": 0.1})
    mount_paths(call)["output_path"].write_text(json.dumps(document))


def engine(**played: Play) -> FakeRunner:
    """An engine whose cubes do well but for those that are played otherwise."""
    return FakeRunner({**GOOD_CUBES, **played})


class TestReport:
    def test_holds_scores_digests_and_cases(self, tmp_path: Path) -> None:
        """The report names what was tried on what, and each metric as it was computed."""
        demo = write_demo(tmp_path / "demo")

        report = try_out(demo, tmp_path, engine())

        assert report == {
            "demo_dataset": digest_raw(demo / "data", demo / "labels"),
            "cubes": {kind.value: make_cube(kind).digest for kind in ROLES},
            "scores": {"auroc": 0.91234567, "brier": 0.1278},
            "n_cases": 25,
        }

    def test_is_the_same_elsewhere(self, tmp_path: Path) -> None:
        """Two people who test the same things on the same data have the same report, byte for byte."""
        first, second = tmp_path / "mine", tmp_path / "yours"

        reports = [try_out(write_demo(root / "demo"), root, engine()) for root in (first, second)]

        assert canonical_json(reports[0]) == canonical_json(reports[1])


class TestRun:
    def test_runs_every_task_once_in_order(self, tmp_path: Path) -> None:
        """All that a site will run is run, in the site's order."""
        runner = engine()

        try_out(write_demo(tmp_path / "demo"), tmp_path, runner)

        tasks = [call.task for call in runner.calls]
        assert tasks == ["prepare", "sanity_check", "statistics", "infer", "evaluate"]

    def test_again_does_only_what_is_new(self, tmp_path: Path) -> None:
        """A second test in the same workspace finds the work done and says the same."""
        demo = write_demo(tmp_path / "demo")
        before = try_out(demo, tmp_path, engine())
        second = engine()

        after = try_out(demo, tmp_path, second)

        assert after == before
        assert {call.task for call in second.calls} <= {"sanity_check"}

    @pytest.mark.parametrize(
        ("played", "says"),
        [
            ({"model": leave_nothing}, "model"),
            ({"preparator": leave_nothing}, "preparator"),
            ({"metrics": leave_nothing}, "found no"),
            ({"metrics": write_nan}, "auroc"),
        ],
    )
    def test_cube_that_breaks_its_promise_fails_it(
        self, tmp_path: Path, played: dict[str, Play], says: str
    ) -> None:
        """A cube fails at its owner's desk, by the rules that it would fail by at a site."""
        demo = write_demo(tmp_path / "demo")

        with pytest.raises(RunnerError, match=says):
            try_out(demo, tmp_path, engine(**played))

    def test_demo_data_without_labels_is_none(self, tmp_path: Path) -> None:
        """Demo data is a folder with data and labels; nothing is run on less."""
        demo = write_demo(tmp_path / "demo")
        (demo / "labels" / "export.csv").unlink()
        runner = engine()

        with pytest.raises(IntegrityError, match="found no raw data"):
            try_out(demo, tmp_path, runner)

        assert runner.calls == []
