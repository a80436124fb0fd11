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
from tests.contract.command_line.terminal import NOWHERE, Terminal
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


class TestRehearsal:
    def test_is_no_proof(self, committee: Terminal) -> None:
        """With a local cube every stage runs too, but its report proposes no benchmark and joins none."""
        local = ("--local", f"metrics={CUBES / METRICS}")

        ended = committee.run(*RUN, "benchmark.yaml", *HERE, *local, "--json")
        submitted = committee.run(
            "benchmark", "submit", "benchmark.yaml", "--report", "rehearsal.json", "--yes"
        )
        asked = committee.run("model", "associate", "1", "2", "rehearsal.json", "--yes")

        outcome = json.loads(ended.said)
        report = json.loads((committee.home / "rehearsal.json").read_text())
        assert ended.status == 0
        assert outcome["rehearsal"] == report["rehearsal"] == ["metrics"]
        assert outcome["scores"] == report["scores"]
        assert "compatibility_sha256" not in outcome
        assert "a rehearsal with a local metrics" in ended.complained
        assert not (committee.home / "report.json").exists()
        assert (submitted.status, asked.status) == (3, 3)
        assert "found the report of a rehearsal" in submitted.line
        assert "found the report of a rehearsal" in asked.line

    def test_needs_no_registry_if_every_cube_is_local(self, committee: Terminal) -> None:
        """Before anything is registered, a benchmark's contract and three folders are enough."""
        document = yaml.safe_load((committee.home / "benchmark.yaml").read_text())
        contract = {"contract": document["contract"]}
        (committee.home / "idea.yaml").write_text(yaml.safe_dump(contract))
        played = {"preparator": PREPARATOR, "model": REFERENCE, "metrics": METRICS}
        local = [f"--local={role}={CUBES / name}" for role, name in played.items()]
        committee.variables["ROUNDS_REGISTRY"] = NOWHERE

        ended = committee.run(*RUN, "idea.yaml", *HERE, *local)
        fewer = committee.run(*RUN, "idea.yaml", *HERE, *local[1:])

        assert ended.status == 0
        assert "a rehearsal with a local preparator, model, metrics" in ended.complained
        assert fewer.status == 3
        assert "found no preparator in the benchmark's document, needed its id" in fewer.line

    @pytest.mark.parametrize(
        ("options", "status", "says"),
        [
            (("--local", f"model={CUBES / METRICS}"), 3, "found a cube of the kind metrics"),
            (("--local", "script=x"), 2, "found no ROLE=FOLDER"),
            (("--local", "model=x", "--model", "2"), 2, "found a registered model and a local one"),
        ],
    )
    def test_refuses_what_can_play_no_role(
        self, committee: Terminal, options: tuple[str, ...], status: int, says: str
    ) -> None:
        """A cube plays the role of its own kind only, and each role once."""
        ended = committee.run(*RUN, "benchmark.yaml", *HERE, *options)

        assert ended.status == status
        assert says in " ".join(ended.complained.split())
