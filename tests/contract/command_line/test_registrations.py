"""What is registered at a terminal: shown exactly, agreed to, sent, listed and changed."""

import json
from pathlib import Path

import pytest
import yaml

from rounds.digests import canonical_json, sha256_json
from rounds.records.cubes import State
from rounds.records.datasets import ReleaseRule
from tests.contract.command_line.desk import ASKED, sit_down, write_cube, write_raw
from tests.contract.command_line.terminal import Ended, Terminal
from tests.contract.registry.builders import CONTRACT, make_cube, sha
from tests.contract.registry.world import World
from tests.unit.workflows import make_config


@pytest.fixture
def owner(world: World, tmp_path: Path) -> Terminal:
    """An owner's terminal."""
    return sit_down(world, tmp_path / "home")


def shown_by(ended: Ended) -> dict[str, object]:
    """The document that a command showed before it asked."""
    shown: dict[str, object] = json.loads(ended.complained[: ended.complained.rindex("}") + 1])
    return shown


class TestCube:
    def test_is_sent_as_it_was_shown(self, world: World, tmp_path: Path) -> None:
        """The document that is agreed to is the one that is registered, named as its folder, typed as a dot."""
        terminal = sit_down(world, tmp_path / "my-model")
        write_cube(tmp_path / "made")
        (tmp_path / "made" / "container_config.yaml").rename(
            terminal.home / "container_config.yaml"
        )

        refused = terminal.run("cube", "submit", ".", typed="\n")
        ended = terminal.run("cube", "submit", ".", typed="y\n")

        (cube,) = world.person("owner").cubes()
        sent = cube.model_dump(mode="json", exclude={"id", "revision", "is_valid"})
        assert (refused.status, refused.said) == (1, "")
        assert refused.complained.endswith("Register this cube? [y/N] nothing is sent\n")
        assert ended.said == f"cube {cube.id}\tmy-model\t{cube.digest}\n"
        assert shown_by(ended) == sent | {"organisation_id": None}

    def test_has_the_images_of_its_steps(self, world: World, owner: Terminal) -> None:
        """Each further image of the document is an artifact by its name; another name is refused."""
        (owner.home / "steps").mkdir()
        (owner.home / "steps" / "container_config.yaml").write_text(yaml.safe_dump(make_config()))
        command = ("cube", "submit", "steps", "--yes", "--image", sha("own"), "--step-image")

        unknown = owner.run(*command, f"outlin=sha256:{sha('further')}")
        ended = owner.run(*command, f"outliner=sha256:{sha('further')}")

        assert "found no image 'outlin' in the document" in unknown.complained
        assert ended.status == 0
        artifacts = world.person("owner").cube(1).artifacts
        assert artifacts["image_outliner"] == sha("further")
        assert artifacts["image"] == sha("own")

    def test_is_edited_put_into_operation_and_withdrawn(
        self, world: World, owner: Terminal
    ) -> None:
        """In DEVELOPMENT its content may come anew from a folder; in OPERATION the registry refuses: 7."""
        write_cube(owner.home / "model")
        owner.run("cube", "submit", "model", "--yes")
        first = world.person("owner").cube(1)
        write_cube(owner.home / "better", run_args={"command": "infer"})

        edited = owner.run("cube", "set", "1", "--folder", "better", typed="y\n")
        second = world.person("owner").cube(1)
        owner.run("cube", "operational", "1", "--yes")
        frozen = owner.run("cube", "set", "1", "--name", "other", "--yes")
        owner.run("cube", "withdraw", "1", "--yes")

        cube = world.person("owner").cube(1)
        assert edited.said == "cube 1 is at revision 2\n"
        assert "Change cube 1, which is at revision 1?" in edited.complained
        assert second.digest != first.digest
        assert frozen.status == 7
        assert "name is frozen in OPERATION" in frozen.complained
        assert (cube.state, cube.is_valid) == (State.OPERATION, False)

    def test_of_another_kind_is_no_model(self, world: World, owner: Terminal) -> None:
        """`model show` shows models, and nothing else."""
        benchmark = world.propose()

        model = owner.run("model", "show", str(benchmark.reference_model_id))
        judge = owner.run("model", "show", str(benchmark.metrics_id))

        assert "kind\tmodel" in model.said.splitlines()
        assert judge.status == 7
        assert "is a metrics, needed a model" in judge.complained


class TestBenchmark:
    def test_is_proposed_with_its_report(self, world: World, tmp_path: Path) -> None:
        """The test's report goes in whole, its two digests with it; an administrator decides."""
        committee = sit_down(world, tmp_path / "home", "committee")
        parts = world.propose(name="old question")
        world.grant(world.admin, parts.approval_id)
        report = {"demo_dataset": sha("demo"), "scores": {"auroc": 0.9}, "n_cases": 12}
        document = {
            "name": "Lumps",
            "preparator_id": parts.preparator_id,
            "reference_model_id": parts.reference_model_id,
            "metrics_id": parts.metrics_id,
            "contract": CONTRACT.model_dump(mode="json"),
        }
        (committee.home / "benchmark.yaml").write_text(yaml.safe_dump(document))
        (committee.home / "report.json").write_bytes(canonical_json(report))

        ended = committee.run(
            "benchmark", "submit", "benchmark.yaml", "--report", "report.json", typed="y\n"
        )

        made = world.person("committee").benchmark(parts.id + 1)
        assert ended.said == (
            f"benchmark {made.id} is PENDING; approval {made.approval_id} decides\n"
        )
        assert (made.compatibility, made.compatibility_sha256) == (report, sha256_json(report))
        assert made.demo_dataset_sha256 == sha("demo")

    def test_is_changed_by_options_and_by_a_file(self, world: World, tmp_path: Path) -> None:
        """What an option or a file names changes, and nothing else; new cubes have verbs of their own."""
        committee = sit_down(world, tmp_path / "home", "committee")
        number = str(world.approved_benchmark(state="DEVELOPMENT").id)
        judge = world.person("committee").register_cube(
            make_cube("stricter", world.person("committee").cubes()[2].kind)
        )
        sharing = {"sharing": {"per_site": {"participants": True}}, "minimum_sites": 3}
        (committee.home / "change.yaml").write_text(yaml.safe_dump(sharing))

        by_both = committee.run(
            "benchmark", "set", number, "--file", "change.yaml", "--inactive", typed="y\n"
        )
        active = committee.run("benchmark", "set", number, "--active", "--yes")
        world.grant(world.admin, world.admin.benchmark(int(number)).approval_id)
        scored = committee.run("benchmark", "metrics", number, str(judge.id), typed="y\n")
        frozen = committee.run("benchmark", "operational", number, "--yes")

        found = world.person("committee").benchmark(int(number))
        assert set(json.loads(by_both.complained.partition("Change")[0])) == {
            "sharing",
            "minimum_sites",
            "is_active",
        }
        assert (active.status, frozen.status) == (0, 0)
        assert scored.said == f"benchmark {number} is at revision {found.revision - 1}\n"
        assert found.metrics_id == judge.id
        assert (found.minimum_sites, found.is_active) == (3, True)
        assert found.state is State.OPERATION

    def test_shows_its_leaderboard_for_people_and_for_programs(
        self, world: World, tmp_path: Path
    ) -> None:
        """A cell without a score is a row with its reason, in lines, in JSON and in CSV."""
        benchmark, _ = world.ready()
        committee = sit_down(world, tmp_path / "home", "committee")
        asked = ("benchmark", "leaderboard", str(benchmark.id))

        lines = committee.run(*asked).said.splitlines()
        known = json.loads(committee.run(*asked, "--json").said)
        csv = committee.run(*asked, "--csv").said.splitlines()

        assert lines[0].split("\t")[1:4] == ["reference", "site-a", "auroc"]
        assert lines[0].endswith("\tmissing\tnot started")
        assert len(known["rows"]) == len(lines) == len(csv) - 1
        assert csv[0].startswith("benchmark,site,model,metric,score,")


class TestDataset:
    def test_is_registered_without_a_word_of_where_it_lies(
        self, world: World, owner: Terminal
    ) -> None:
        """All that leaves is shown first; the path of the data and what is in it are not in it."""
        benchmark = world.approved_benchmark()
        owner.stand_at_site()
        raw = write_raw(owner.home, "data", "labels")
        asked = ("dataset", "submit", str(benchmark.id), *raw, *ASKED, "--by-rule", "statistics")

        refused = owner.run(*asked, typed="n\n")
        ended = owner.run(*asked, "--progress-consent", typed="y\n")

        (dataset,) = world.person("owner").datasets()
        sent = shown_by(ended)
        assert (refused.status, refused.said) == (1, "")
        assert ended.said == (
            f"dataset {dataset.id} is in DEVELOPMENT; next: rounds dataset prepare {dataset.id}\n"
        )
        assert (dataset.name, dataset.site) == ("Aspirates", "site-a")
        assert dataset.statistics_release is ReleaseRule.ALWAYS
        assert dataset.results_release is ReleaseRule.PERSON
        assert sent == dataset.model_dump(mode="json", include=set(sent)) | {
            "organisation_id": None
        }
        assert "ward-7" not in ended.complained + dataset.model_dump_json()

    def test_is_changed_and_withdrawn(self, world: World, owner: Terminal) -> None:
        """Its owner's rules change at any time; withdrawn, it is not valid, and can come back."""
        dataset = world.operational(world.approved_benchmark())
        number = str(dataset.id)

        changed = owner.run("dataset", "set", number, "--results", "always", typed="y\n")
        owner.run("dataset", "withdraw", number, "--yes")
        gone = world.person("owner").dataset(dataset.id)
        owner.run("dataset", "set", number, "--valid", "--yes")

        found = world.person("owner").dataset(dataset.id)
        assert changed.complained.startswith('{\n  "results_release": "always"\n}\n')
        assert (gone.is_valid, found.is_valid) == (False, True)
        assert found.results_release is ReleaseRule.ALWAYS


class TestModel:
    def test_asks_to_join_with_the_reports_sha256(self, world: World, owner: Terminal) -> None:
        """Only the sha256 of the compatibility test's report is sent, and shown before."""
        benchmark = world.approved_benchmark()
        model = world.person("owner").register_cube(make_cube("mine"))
        (owner.home / "report.json").write_bytes(canonical_json({"scores": {"auroc": 0.5}}))

        ended = owner.run(
            "model", "associate", str(benchmark.id), str(model.id), "report.json", typed="y\n"
        )

        (asked,) = world.person("owner").associations(model_id=model.id)
        assert ended.said == f"association {asked.id} is PENDING\n"
        assert asked.test_sha256 == sha256_json({"scores": {"auroc": 0.5}})
        assert "0.5" not in ended.complained


class TestResult:
    def test_is_withdrawn_with_its_reason(self, world: World, owner: Terminal) -> None:
        """Its data owner says why; it is kept, and counts no more."""
        world.submitted()
        (result,) = world.person("owner").results()

        ended = owner.run(
            "result", "withdraw", str(result.id), "--reason", "wrong labels", typed="y\n"
        )
        shown = owner.run("result", "show", str(result.id))

        assert ended.said == f"result {result.id} is WITHDRAWN\n"
        assert '"reason": "wrong labels"' in ended.complained
        assert "reason\twrong labels" in shown.said.splitlines()
