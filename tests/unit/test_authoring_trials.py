"""A cube is tried on demo data by the stages that a site runs, with played cubes."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from cube_specs.models import CubeKind
from rounds.authoring.trials import Tried, need_demo, try_on
from rounds.calls import RunContext
from rounds.errors import Code, IntegrityError, RunnerError, SpecError
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner, Play
from rounds.workspace import Workspace
from tests.unit.builders import make_contract, write_tree
from tests.unit.little_site import GOOD_CUBES, little_supplies, make_cube

DEMO: Mapping[CubeKind, Mapping[str, str]] = {
    CubeKind.PREPARATOR: {"data/export.csv": "p1,7\n", "labels/export.csv": "p1,0\n"},
    CubeKind.MODEL: {"data/cases.csv": "p1,7\n"},
    CubeKind.METRICS: {
        "predictions/predictions.csv": "p1,0.5\n",
        "labels/labels.csv": "p1,0\n",
        "contract.yaml": yaml.safe_dump(make_contract().model_dump(mode="json")),
    },
}
TASKS = {
    CubeKind.PREPARATOR: ["prepare", "sanity_check", "statistics"],
    CubeKind.MODEL: ["infer"],
    CubeKind.METRICS: ["evaluate"],
}
KINDS = pytest.mark.parametrize("kind", list(TASKS))


def write_demo(kind: CubeKind, folder: Path) -> Path:
    """What a cube of this kind can be tried on."""
    return write_tree(folder, {name: text.encode() for name, text in DEMO[kind].items()})


def attempt(kind: CubeKind, root: Path, **played: Play) -> tuple[Tried, FakeRunner]:
    """What a trial of the played cube finds, and its engine."""
    runner = FakeRunner({**GOOD_CUBES, **played})
    context = RunContext(
        workspace=Workspace(root / "site"), runner=runner, supplies=little_supplies(root)
    )
    return try_on(make_cube(kind), write_demo(kind, root / "demo"), context), runner


def leave_nothing(call: Invocation) -> None:
    """Play a cube that writes none of its outputs."""


def fail(_call: Invocation) -> int:
    """Play a cube that ends badly."""
    print("boom")  # noqa: T201  # what a cube says
    return 3


class TestTrial:
    @KINDS
    def test_runs_each_task_once(self, kind: CubeKind, tmp_path: Path) -> None:
        """Every task that a site runs is run, in its order, and found well."""
        tried, runner = attempt(kind, tmp_path)

        assert tried.error is None
        assert [call.task for call in runner.calls] == TASKS[kind]
        assert [(f.check, f.verdict.value) for f in tried.findings] == [
            (task, "ok") for task in TASKS[kind]
        ]

    def test_tells_the_scores_of_the_contract(self, tmp_path: Path) -> None:
        """The author of a metrics cube sees what a benchmark would take."""
        tried, _ = attempt(CubeKind.METRICS, tmp_path)

        assert tried.findings[0].says.endswith("auroc 0.9123, brier 0.1278 on 25 cases")

    @KINDS
    def test_fails_as_a_site_would(self, kind: CubeKind, tmp_path: Path) -> None:
        """A cube that ends well and wrote nothing has failed, by the stages' own rules."""
        tried, _ = attempt(kind, tmp_path, **{kind.value: leave_nothing})

        assert isinstance(tried.error, RunnerError)
        assert tried.error.code in (Code.OUTPUT_MISSING, Code.METRIC_INVALID)
        assert tried.findings[0].verdict == "failed"
        assert tried.findings[0].says == tried.error.summary

    def test_stops_at_the_first_failure_and_keeps_its_words(self, tmp_path: Path) -> None:
        """What comes after is skipped and said to be; the cube's last words are the error's detail."""
        tried, runner = attempt(CubeKind.PREPARATOR, tmp_path, preparator=fail)

        assert len(runner.calls) == 1
        assert [f.verdict.value for f in tried.findings] == ["failed", "skipped", "skipped"]
        assert tried.error is not None
        assert tried.error.detail == "boom"

    def test_unpacks_the_additional_files_first(self, tmp_path: Path) -> None:
        """A tarball that a site would refuse fails before anything runs."""
        cube = make_cube(CubeKind.MODEL, additional_files_sha256="0" * 64)
        runner = FakeRunner(dict(GOOD_CUBES))
        supplies = little_supplies(tmp_path)
        (tmp_path / "mirror").mkdir()
        (tmp_path / "mirror" / f"{'0' * 64}.tar.gz").write_text("no tarball")
        context = RunContext(
            workspace=Workspace(tmp_path / "site"), runner=runner, supplies=supplies
        )

        tried = try_on(cube, write_demo(CubeKind.MODEL, tmp_path / "demo"), context)

        assert isinstance(tried.error, IntegrityError)
        assert [(f.check, f.verdict.value) for f in tried.findings] == [
            ("additional files, unpacked", "failed"),
            ("infer", "skipped"),
        ]
        assert runner.calls == []


class TestDemo:
    @KINDS
    def test_lacks_nothing(self, kind: CubeKind, tmp_path: Path) -> None:
        """Each file of it is needed, and its folder is named when it is not there."""
        demo = write_demo(kind, tmp_path / "demo")
        need_demo(kind, demo)

        for name in DEMO[kind]:
            content = (demo / name).read_text()
            (demo / name).unlink()
            with pytest.raises(SpecError, match=f"found no .*{name.partition('/')[0]}"):
                need_demo(kind, demo)
            (demo / name).write_text(content)

    def test_is_not_asked_of_scripts(self, tmp_path: Path) -> None:
        """No site runs scripts yet: there is no trial that would say what one does there."""
        with pytest.raises(SpecError, match="found a cube of the kind script"):
            need_demo(CubeKind.SCRIPT, tmp_path)
