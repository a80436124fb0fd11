"""`rounds cube create`, `check` and `run`: a cube at its author's desk, without any registry."""

import json
from pathlib import Path

import pytest
import yaml

from deployments.demo.benchmark import CONTRACT
from deployments.demo.hospitals import write_demo_dataset
from deployments.images import build_image, save_image
from rounds.authoring.templates import TEMPLATES, Template
from rounds.runners.process import CUBES
from tests.contract.command_line.terminal import Ended, Terminal
from tests.engines import need_docker
from tests.unit.builders import write_tree

METRICS = str(CUBES / "binary-metrics")
PREPARATOR = str(CUBES / "wdbc-preparator")
HERE = ("--engine", "process")
LABELS = b"case_id,label\na,0\nb,1\n"
SCORES = b"case_id,score\na,0.2\nb,0.7\n"
DEMO = {"predictions/predictions.csv": SCORES, "labels/labels.csv": LABELS}
EVALUATE = (
    *("evaluate", "--mount", "predictions=demo/predictions", "--mount", "labels=demo/labels"),
    *("--mount", "output_path=out/results.yaml", "--mount", "local_outputs_path=out/local"),
)
BY_HAND = {
    Template.PREPARATOR: (
        *("prepare", "--mount", "data_path=CUBE/demo/data", "--mount"),
        *("labels_path=CUBE/demo/labels", "--mount", "output_path=out/data"),
        *("--mount", "output_labels_path=out/labels"),
    ),
    Template.MODEL: ("infer", "--mount", "data_path=CUBE/demo/data", "--mount", "output_path=out"),
    Template.METRICS: (
        *("evaluate", "--mount", "predictions=CUBE/demo/predictions", "--mount"),
        *("labels=CUBE/demo/labels", "--mount", "output_path=out/results.yaml"),
    ),
}


def verdicts(ended: Ended) -> dict[str, str]:
    """How each check of a table ended, by its name."""
    rows = [line.split("\t") for line in ended.said.splitlines()]
    return {row[0]: row[1] for row in rows}


def write_metrics_demo(home: Path, **documents: object) -> None:
    """What `binary-metrics` can be tried on, with these documents beside it."""
    write_tree(home / "demo", DEMO)
    for name, document in documents.items():
        (home / "demo" / f"{name}.yaml").write_text(yaml.safe_dump(document))


class TestCreate:
    def test_writes_a_cube_and_names_its_files(self, terminal: Terminal) -> None:
        """What was written is said; a second time nothing is, since it is there."""
        ended = terminal.run("cube", "create", "model", "heart-rate")
        again = terminal.run("cube", "create", "model", "heart-rate")

        written = sorted(str(p) for p in (TEMPLATES / "model").rglob("*") if p.is_file())
        assert ended.status == 0
        assert "heart-rate/main.py" in ended.said.splitlines()
        assert len(ended.said.splitlines()) == len([p for p in written if "pycache" not in p])
        assert "rounds cube check heart-rate" in ended.complained
        assert again.status == 3
        assert again.line.startswith("rounds: [spec] found something there already")


class TestCheck:
    def test_shows_every_check_and_ends_well(self, terminal: Terminal) -> None:
        """A line a check: what was read, then each task as a site runs it; a warning is no failure."""
        write_demo_dataset(terminal.home / "demo")

        ended = terminal.run("cube", "check", PREPARATOR, "--data", "demo", *HERE)

        assert ended.status == 0
        assert verdicts(ended) == {
            **dict.fromkeys(("document", "tasks", "parameters", "additional files"), "ok"),
            **dict.fromkeys(("image", "mount paths"), "ok"),
            **dict.fromkeys(("Dockerfile", "engine"), "warning"),
            **dict.fromkeys(("prepare", "sanity_check", "statistics"), "ok"),
        }

    def test_ends_as_a_failed_cube_with_its_own_words(self, terminal: Terminal) -> None:
        """A cube that fails on the demo data ends with 5, and below stands what it said."""
        write_metrics_demo(terminal.home, contract=CONTRACT.model_dump(mode="json"))
        (terminal.home / "demo" / "labels" / "labels.csv").write_bytes(LABELS + b"c,1\n")

        ended = terminal.run("cube", "check", METRICS, "--data", "demo", *HERE)

        assert ended.status == 5
        assert verdicts(ended)["evaluate"] == "failed"
        assert "rounds: [cube_failed] cube binary-metrics ended evaluate" in ended.complained
        assert "predictions.csv: found 1 cases lacking" in ended.complained

    def test_runs_nothing_that_breaks_the_contract(self, terminal: Terminal) -> None:
        """A document that is wrong ends with 3; for scripts stdout holds the findings and nothing else."""
        terminal.run("cube", "create", "model", "heart-rate")
        config = terminal.home / "heart-rate" / "container_config.yaml"
        config.write_text(config.read_text().replace("data_path", "dat_path"))

        ended = terminal.run("cube", "check", "heart-rate", "--json")

        findings = json.loads(ended.said)
        assert ended.status == 3
        assert [(f["check"], f["verdict"]) for f in findings] == [
            ("document", "failed"),
            ("Dockerfile", "warning"),
        ]
        assert "did you mean 'data_path'?" in findings[0]["says"]
        assert not (terminal.home / "authoring").exists()

    def test_says_which_demo_data_it_needs(self, terminal: Terminal) -> None:
        """Metrics are checked against a contract: without one there is nothing to check."""
        write_metrics_demo(terminal.home)

        ended = terminal.run("cube", "check", METRICS, "--data", "demo", *HERE)

        assert ended.status == 3
        assert verdicts(ended)["ready to run"] == "failed"
        assert "found no contract.yaml in the demo data" in ended.complained

    def test_refuses_to_guess_the_image(self, terminal: Terminal) -> None:
        """Without a Dockerfile somebody says which image it is."""
        terminal.run("cube", "create", "model", "heart-rate")
        (terminal.home / "heart-rate" / "Dockerfile").unlink()

        ended = terminal.run("cube", "check", "heart-rate")

        assert ended.status == 3
        assert "found no Dockerfile in the folder, needed one, --image ID" in ended.complained


class TestRun:
    def test_says_how_it_ended_and_where_its_log_is(self, terminal: Terminal) -> None:
        """The outputs are made and hold what the cube wrote; the log is named."""
        write_metrics_demo(terminal.home)

        ended = terminal.run("cube", "run", METRICS, *EVALUATE, *HERE, "--json")

        shown = json.loads(ended.said)
        assert ended.status == 0
        assert (shown["cube"], shown["task"], shown["exit_status"]) == (
            "binary-metrics",
            "evaluate",
            0,
        )
        assert Path(shown["log"]).is_file()
        assert json.loads((terminal.home / "out" / "results.yaml").read_text())["n_cases"] == 2

    def test_shows_the_cubes_own_words(self, terminal: Terminal) -> None:
        """A task that fails ends with 5, and what it said stands at the end."""
        write_metrics_demo(terminal.home)
        (terminal.home / "demo" / "labels" / "labels.csv").write_bytes(LABELS + b"c,1\n")

        ended = terminal.run("cube", "run", METRICS, *EVALUATE, *HERE)

        assert ended.status == 5
        assert "exit_status\t2" in ended.said
        assert ended.complained.strip().endswith("the model must score each")

    @pytest.mark.parametrize("mount", ["predictions", "=demo", "predictions="])
    def test_refuses_a_mount_without_key_or_path(self, terminal: Terminal, mount: str) -> None:
        """A slip in the command line is told as that."""
        ended = terminal.run("cube", "run", METRICS, "evaluate", *HERE, "--mount", mount)

        assert ended.status == 2
        assert "found a mount that is no KEY=PATH" in ended.complained


@pytest.mark.docker
class TestTemplates:
    @pytest.mark.parametrize("kind", list(Template))
    def test_run_on_docker_as_they_are(self, kind: Template, terminal: Terminal) -> None:
        """Built, held as a site holds it, and run: each template is well but for its base's digest."""
        need_docker()
        name = f"template-{kind}"
        terminal.run("cube", "create", kind, name)

        checked = terminal.run("cube", "check", name)
        by_hand = [word.replace("CUBE", name) for word in BY_HAND[kind]]
        ended = terminal.run("cube", "run", name, *by_hand)

        odd = {check for check, verdict in verdicts(checked).items() if verdict != "ok"}
        assert (checked.status, ended.status) == (0, 0), checked.said + ended.complained
        assert odd == {"Dockerfile"}
        assert [path for path in (terminal.home / "out").rglob("*") if path.is_file()]

    def test_run_from_an_image_that_is_named(self, terminal: Terminal) -> None:
        """An image need not be built here: its id, or the file in which it is delivered, does as well."""
        need_docker()
        terminal.run("cube", "create", "model", "template-model")
        digest = build_image(terminal.home / "template-model")
        save_image(digest, terminal.home / "delivered")
        (terminal.home / "template-model" / "Dockerfile").unlink()

        named = terminal.run("cube", "check", "template-model", "--image", digest)
        file = f"delivered/{digest}.tar"
        brought = terminal.run("cube", "check", "template-model", "--image-file", file)
        both = terminal.run(
            *("cube", "check", "template-model", "--image", digest, "--image-file", file)
        )

        assert (named.status, brought.status, both.status) == (0, 0, 3)
        assert set(verdicts(named).values()) == {"ok"}
        assert "building" not in named.complained + brought.complained
        assert "found --image and --image-file, needed one of them" in both.complained

    def test_build_the_further_images_of_a_workflow(self, terminal: Terminal) -> None:
        """A step's own image is built from its Dockerfile, or named; with neither the folder is not ready."""
        need_docker()
        terminal.run("cube", "create", "preparator", "in-steps")
        home = terminal.home / "in-steps"
        config = yaml.safe_load((home / "container_config.yaml").read_text())
        config["images"] = {"second": {"container_type": "DockerImage", "image": "second:1"}}
        config["workflow"] = [{"step": "prepare", "image": "second"}]
        (home / "container_config.yaml").write_text(yaml.safe_dump(config))

        bare = terminal.run("cube", "check", "in-steps")
        digest = build_image(home)
        named = terminal.run("cube", "check", "in-steps", "--step-image", f"second={digest}")
        (home / "Dockerfile.second").write_text((home / "Dockerfile").read_text())
        built = terminal.run("cube", "check", "in-steps")

        assert (bare.status, named.status, built.status) == (3, 0, 0), built.said
        assert "found no Dockerfile.second in the folder" in bare.said
        assert "building the image of in-steps, second" in built.complained
