"""One cell of an evaluation: what the registry is told of a model that fails half-way (A21, A49)."""

from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from pydantic import JsonValue

import flows.evaluate
from cube_specs.models import CubeKind
from rounds import stages
from rounds.calls import RunContext
from rounds.cubes import to_record
from rounds.records.executions import Cell, Claim
from rounds.runners.base import Invocation, Source
from rounds.runners.fake import FakeRunner
from rounds.sites import Site
from tasks import departure, evaluation
from tests.unit.builders import SHA, make_benchmark
from tests.unit.little_site import (
    GOOD_CUBES,
    LittleRegistry,
    little_supplies,
    make_cube,
    make_raw,
    make_site,
    mount_paths,
)

CLAIM = Claim(execution_id=7, fencing_token=11, lease_s=60, attempt=1)
CELL = Cell(
    benchmark_id=3,
    dataset_id=4,
    model_id=2,
    site="site-a",
    model="model",
    priority=0,
    outstanding=True,
    runnable=True,
)
TRACEBACK = """Traceback (most recent call last):
  File "/app/net.py", line 17, in forward
  File "/data/MRN-12345.py", line 7, in Janssen
ValueError: Anna Janssen
"""


def write_half(call: Invocation) -> int:
    """A model that crashes after its first case."""
    (mount_paths(call)["output_path"] / "predictions.csv").write_text("p1,0.5\n")
    print(TRACEBACK)  # noqa: T201  # as a cube does
    return 1


def show_cube(kind: CubeKind, number: int) -> httpx.Response:
    """The record of a cube."""
    record = to_record(make_cube(kind)).model_dump(mode="json")
    own = {"id": number, "organisation_id": 1, "revision": 1, "is_valid": True}
    return httpx.Response(200, json=record | own)


def show_execution(_: dict[str, JsonValue]) -> httpx.Response:
    """An execution, wherever it stands."""
    soon = "2030-01-01T00:00:00Z"
    ids: dict[str, object] = dict.fromkeys(
        ("id", "benchmark_id", "dataset_id", "model_id", "metrics_id", "attempt"), 1
    )
    rest = {"status": "FAILED", "code": None, "sha256": SHA, "lease_until": soon, "deadline": soon}
    return httpx.Response(200, json=ids | rest)


def open_site(root: Path) -> tuple[Site, LittleRegistry]:
    """A site whose model crashes half-way, and the registry that it asks."""
    registry = LittleRegistry(
        {
            "/cubes/2": lambda _: show_cube(CubeKind.MODEL, 2),
            "/cubes/3": lambda _: show_cube(CubeKind.METRICS, 3),
            "/failure": show_execution,
            "/scored": show_execution,
        }
    )
    plain = make_site(root, registry)
    images = {**GOOD_CUBES, "model": write_half}
    runner = FakeRunner(images, sources={"/app/net.py": Source(lines=40, folder="/app")})
    context = RunContext(workspace=plain.workspace, runner=runner, supplies=little_supplies(root))
    site = Site(
        profile=plain.profile,
        workspace=plain.workspace,
        context=context,
        key=plain.key,
        registry=plain.registry,
    )
    return site, registry


def score(
    root: Path, monkeypatch: pytest.MonkeyPatch, *, allowed: bool
) -> tuple[str, dict[str, JsonValue]]:
    """What the registry is told last of the cell, the tasks being called without Prefect's server."""
    tasks = SimpleNamespace(infer=evaluation.infer.fn, evaluate=evaluation.evaluate.fn)
    monkeypatch.setattr(flows.evaluate, "evaluation", tasks)
    monkeypatch.setattr(flows.evaluate, "draft", departure.draft.fn)
    site, registry = open_site(root)
    raw = make_raw(root, site.workspace)
    prepared = stages.prepare(raw, make_cube(CubeKind.PREPARATOR), site.context)
    benchmark = make_benchmark(partial_predictions=allowed)
    flows.evaluate._score_claimed(CELL, prepared, benchmark, site, CLAIM)
    return registry.asked[-1]


class TestCell:
    def test_fails_where_whole_predictions_are_needed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The registry is told the code, and of the crash numbers and a place in the image."""
        path, body = score(tmp_path, monkeypatch, allowed=False)

        assert path.endswith("/executions/7/failure")
        assert body == {
            "fencing_token": 11,
            "code": "cube_failed",
            "crash": {
                "task": "infer",
                "exit_code": 1,
                "signal": None,
                "peak_memory_mib": None,
                "place": "net:17",
            },
        }

    def test_is_scored_where_the_benchmark_takes_partial_ones(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The draft that awaits release is of what the model wrote."""
        path, _ = score(tmp_path, monkeypatch, allowed=True)

        assert path.endswith("/executions/7/scored")
