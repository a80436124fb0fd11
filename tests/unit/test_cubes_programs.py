"""The shipped cubes: what every program promises, and that the models are those that the script trains."""

import ast
import json
import runpy
import sys
import tarfile
from pathlib import Path

import pytest
from pydantic import JsonValue

from deployments.demo.hospitals import split, write_export
from deployments.demo.train import (
    MODELS,
    TARBALL,
    fit_network,
    fit_trees,
    pack,
    train_all,
    train_network,
    train_trees,
)
from rounds.cubes import read_cube
from tests.programs import CUBES, infer, prepare, read_numbers, run_program

NAMES = tuple(sorted(folder.name for folder in CUBES.iterdir()))


def numbers_in(value: JsonValue) -> list[float]:
    """Every number of a JSON document, in order."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_in(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers_in(item)]
    return [float(value)] if isinstance(value, int | float) else []


def prepared(tmp_path: Path, site: str = "site-a") -> Path:
    """A hospital's data, prepared."""
    write_export(site, tmp_path / "raw")
    assert prepare(tmp_path / "raw", tmp_path / "prepared").exit_code == 0
    return tmp_path / "prepared"


class TestEveryCube:
    @pytest.mark.parametrize("name", NAMES)
    def test_finds_its_mounts_where_its_config_says(self, name: str) -> None:
        """Without ROUNDS_MOUNTS a program reads and writes at the very paths of its container_config."""
        config = read_cube(CUBES / name).config

        volumes = runpy.run_path(str(CUBES / name / "main.py"))["VOLUMES"]

        assert volumes == {
            task_name: {
                key: volume.mount_path
                for key, volume in (task.input_volumes | task.output_volumes).items()
            }
            for task_name, task in config.tasks.items()
        }

    @pytest.mark.parametrize("name", NAMES)
    def test_is_called_by_its_tasks_name(self, name: str) -> None:
        """Each task's command is its name, so one entrypoint serves every engine."""
        tasks = read_cube(CUBES / name).config.tasks

        commands = {task_name: task.run_args.command for task_name, task in tasks.items()}

        assert commands == {task_name: task_name for task_name in tasks}

    @pytest.mark.parametrize("name", NAMES)
    def test_needs_the_standard_library_alone(self, name: str) -> None:
        """A program imports nothing that a bare Python image lacks."""
        tree = ast.parse((CUBES / name / "main.py").read_text(encoding="utf-8"))

        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

        modules = {alias.name for node in imports for alias in node.names}
        modules |= {str(node.module) for node in froms}
        assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names

    @pytest.mark.parametrize("name", NAMES)
    def test_refuses_an_unknown_task(self, tmp_path: Path, name: str) -> None:
        """A task that a cube does not have ends with status 2 and the tasks that it has."""
        ended = run_program(name, "dance", {}, tmp_path)

        assert ended.exit_code == 2
        assert ended.said.startswith("found task dance, needed ")


class TestModels:
    def test_walks_trees_as_scikit_learn_does(self, tmp_path: Path) -> None:
        """The trees in plain Python give the probabilities of the classifier that they come from."""
        development, cases = split()["development"], split()["site-a"]
        tarball = tmp_path / "trees.tar.gz"
        tarball.write_bytes(pack(train_trees(development)))
        data = prepared(tmp_path) / "data"

        infer("boosted-trees", data, tmp_path, tarball=tarball)

        scores = read_numbers(tmp_path / "predictions" / "predictions.csv")
        expected = fit_trees(development).predict_proba(cases.features)[:, 1]
        assert scores == pytest.approx(dict(zip(cases.ids, expected, strict=True)), abs=1e-12)

    def test_feeds_a_network_as_scikit_learn_does(self, tmp_path: Path) -> None:
        """The network in plain Python gives the probabilities of the classifier that it comes from."""
        development, cases = split()["development"], split()["site-a"]
        tarball = tmp_path / "network.tar.gz"
        tarball.write_bytes(pack(train_network(development)))
        data = prepared(tmp_path) / "data"

        infer("small-network", data, tmp_path, tarball=tarball)

        scores = read_numbers(tmp_path / "predictions" / "predictions.csv")
        scaler, network = fit_network(development)
        expected = network.predict_proba(scaler.transform(cases.features))[:, 1]
        assert scores == pytest.approx(dict(zip(cases.ids, expected, strict=True)), abs=1e-12)


class TestTrain:
    def test_writes_the_same_bytes_again(self, tmp_path: Path) -> None:
        """Training is seeded and the archive holds no time: a second run gives the same sha256."""
        train_all(tmp_path / "first")

        train_all(tmp_path / "second")

        for name in MODELS:
            first = (tmp_path / "first" / name / TARBALL).read_bytes()
            assert first == (tmp_path / "second" / name / TARBALL).read_bytes()

    @pytest.mark.parametrize("name", MODELS)
    def test_made_what_is_committed(self, name: str) -> None:
        """The shipped additional files are what the committed script trains, as far as another CPU rounds alike."""
        with tarfile.open(CUBES / name / TARBALL) as archive:
            content = archive.extractfile("model.json")
            shipped = json.load(content) if content else {}

        trained = json.loads(json.dumps(MODELS[name](split()["development"])))

        assert numbers_in(shipped) == pytest.approx(numbers_in(trained), rel=1e-3, abs=1e-3)
        assert shipped.keys() == trained.keys()

    @pytest.mark.parametrize("name", MODELS)
    def test_packs_one_json_and_no_pickle(self, name: str) -> None:
        """A model's tarball holds model.json alone, of no user and no time."""
        with tarfile.open(CUBES / name / TARBALL) as archive:
            members = archive.getmembers()

        assert [(m.name, m.mtime, m.uid, m.gid) for m in members] == [("model.json", 0, 0, 0)]
