"""`rounds test run`: a model on a benchmark's demo data, before anybody is asked for anything."""

import json
from pathlib import Path

import pytest
import yaml

from deployments.demo.benchmark import CONTRACT, METRICS, PREPARATOR, REFERENCE
from deployments.demo.hospitals import write_demo_dataset
from deployments.demo.place import CUBES, Place
from rounds.cubes import read_cube, to_record
from rounds.digests import sha256_file
from rounds.records.cubes import State
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.world import World

RUN = ("test", "run")
HERE = ("--demo", "demo", "--engine", "process")


@pytest.fixture
def committee(world: World, tmp_path: Path) -> Terminal:
    """The committee's terminal, beside a benchmark's document, its cubes, and its demo data."""
    terminal = sit_down(world, tmp_path / "home", "committee")
    client = world.person("committee")
    ids = {}
    for name in (PREPARATOR, REFERENCE, METRICS):
        wanted = to_record(
            read_cube(CUBES / name), url="https://models.example/x", state=State.OPERATION
        )
        if wanted.additional_files_sha256 is None:
            wanted = wanted.model_copy(update={"additional_files_url": None})
        ids[name] = client.register_cube(wanted).id
    document = {
        "name": "Malignancy",
        "preparator_id": ids[PREPARATOR],
        "reference_model_id": ids[REFERENCE],
        "metrics_id": ids[METRICS],
        "contract": CONTRACT.model_dump(mode="json"),
        "state": "OPERATION",
    }
    (terminal.home / "benchmark.yaml").write_text(yaml.safe_dump(document))
    write_demo_dataset(terminal.home / "demo")
    Place(terminal.home).fill_mirror()
    return terminal


class TestRun:
    def test_makes_the_report_that_a_benchmark_takes(
        self, world: World, committee: Terminal
    ) -> None:
        """Every stage runs here; the report goes into the proposal; other demo data is refused afterwards."""
        ended = committee.run(*RUN, "benchmark.yaml", *HERE, "--json")
        submitted = committee.run(
            "benchmark", "submit", "benchmark.yaml", "--report", "report.json", "--yes"
        )
        again = committee.run(*RUN, "1", *HERE, "--report", "again.json")
        next((committee.home / "demo" / "data").iterdir()).write_text("other\n")
        other = committee.run(*RUN, "1", *HERE)

        outcome = json.loads(ended.said)
        benchmark = world.person("committee").benchmark(1)
        assert outcome["scores"]["auroc"] > 0.5
        assert outcome["n_cases"] > 0
        assert submitted.status == 0
        assert benchmark.compatibility_sha256 == outcome["compatibility_sha256"]
        assert benchmark.compatibility_sha256 == sha256_file(committee.home / "report.json")
        assert benchmark.demo_dataset_sha256 == outcome["demo_dataset_sha256"]
        assert (committee.home / "again.json").read_bytes() == (
            committee.home / "report.json"
        ).read_bytes()
        assert again.status == 0
        assert other.status == 4
        assert "the demo data is not that of benchmark 1" in other.line
