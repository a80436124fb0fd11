"""Mounts of one task: known keys, and places that no other mount is in the way of."""

import logging

import pytest
from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind
from rounds.cube_contract import check_contract, volume_type
from rounds.cubes import kind_of
from rounds.errors import SpecError

PLACES = {"data_path": "/in", "parameters_file": "/parameters.yaml", "output_path": "/out"}
SCRIPT = {"data_path": "/d", "labels_path": "/l", "model_files": "/m", "results_path": "/r"}
OUTPUTS = {"output_path", "output_labels_path", "metadata_path", "report_file", "results_path"}
FILES = {"parameters_file", "report_file"}


def make_config(task: str, places: dict[str, str]) -> ContainerConfig:
    """A config of one task whose keys are mounted at these places."""
    volumes: dict[str, dict[str, JsonValue]] = {"input_volumes": {}, "output_volumes": {}}
    for key, place in places.items():
        kind = "file" if key in FILES else "directory"
        side = "output_volumes" if key in OUTPUTS else "input_volumes"
        volumes[side][key] = {"mount_path": place, "type": kind}
    document = {"container_type": "DockerImage", "image": "a", "tasks": {task: volumes}}
    return ContainerConfig.model_validate(document)


def check(task: str = "infer", **places: str) -> None:
    """Hold a task against the contract whose keys are mounted at these places."""
    check_contract(make_config(task, places), name="container_config.yaml")


class TestPlaces:
    @pytest.mark.parametrize(
        ("places", "message"),
        [
            (
                {"output_path": "/in"},
                "found 'data_path' and 'output_path' mounted at the same path",
            ),
            (
                {"output_path": "/in/"},
                "found 'data_path' and 'output_path' mounted at the same path",
            ),
            ({"output_path": "/in/out"}, "found 'output_path' mounted inside 'data_path', needed"),
            ({"data_path": "/out/in"}, "found 'data_path' mounted inside 'output_path', needed"),
            ({"parameters_file": "/in/a/p.yaml"}, "'parameters_file' mounted inside 'data_path'"),
            (
                {"output_path": "/parameters.yaml/a"},
                "'output_path' mounted inside 'parameters_file'",
            ),
        ],
    )
    def test_are_refused_where_one_is_in_the_way(
        self, places: dict[str, str], message: str
    ) -> None:
        """Inside a read-only folder or a file there is no place to mount anything."""
        with pytest.raises(SpecError, match=rf"^container_config\.yaml: tasks\.infer: .*{message}"):
            check(**PLACES | places)

    def test_may_be_neighbours(self) -> None:
        """A path that begins like another is not inside it."""
        check(**PLACES | {"output_path": "/in2", "parameters_file": "/in.yaml"})

    def test_of_an_output_folder_may_be_in_another(self) -> None:
        """A preparator may keep its metadata below its data, both being its own to write."""
        check("prepare", output_path="/out", metadata_path="/out/meta", output_labels_path="/l")

    def test_of_an_output_file_may_not(self) -> None:
        """An empty file that a mount leaves behind would look like something the cube wrote."""
        with pytest.raises(
            SpecError, match="'report_file' mounted inside 'output_path', needed it o"
        ):
            check("prepare", output_path="/out", report_file="/out/report.yaml")


class TestKeys:
    def test_of_a_script(self) -> None:
        """A script evaluator gets data, labels and a model's files, and writes results."""
        config = make_config("run_script", SCRIPT)

        check_contract(config, name="container_config.yaml")

        assert kind_of(config) is CubeKind.SCRIPT

    @pytest.mark.parametrize(
        ("task", "key", "message"),
        [
            (
                "run_script",
                "model_file",
                "unknown mount key 'model_file', .*did you mean 'model_files'",
            ),
            ("evaluate", "prediction", "unknown mount key 'prediction', .*mean 'predictions'"),
            ("infer", "labels_path", "unknown mount key 'labels_path', needed a known one"),
            (
                "infer",
                "additional_file",
                "unknown mount key 'additional_file', .*mean 'additional_files'",
            ),
        ],
    )
    def test_are_told_by_the_nearest(self, task: str, key: str, message: str) -> None:
        """A key that MedPerf would fail on while it runs is refused when it is read."""
        with pytest.raises(SpecError, match=rf"tasks\.{task}\.input_volumes: found the {message}"):
            check(task, **{key: "/x"})

    def test_of_labels_may_be_left_out(self) -> None:
        """A preparator may keep the labels with the data."""
        check("prepare", data_path="/in", output_path="/out")

    def test_of_a_strange_task_are_its_own(self, caplog: pytest.LogCaptureFixture) -> None:
        """A task that nobody runs only warns, with the one that may have been meant."""
        with caplog.at_level(logging.WARNING):
            check("sanity_chek", anything="/x")

        assert "the contract has no such task" in caplog.text
        assert "did you mean 'sanity_check'?" in caplog.text


class TestVolumeType:
    @pytest.mark.parametrize(
        ("task", "key", "kind"),
        [
            ("statistics", "output_path", "file"),
            ("evaluate", "output_path", "file"),
            ("prepare", "report_file", "file"),
            ("infer", "parameters_file", "file"),
            ("infer", "output_path", "directory"),
            ("infer", "additional_files", "directory"),
            ("run_script", "results_path", "directory"),
            ("infer", "weights", None),
            ("train", "data_path", None),
            ("train", "parameters_file", "file"),
        ],
    )
    def test_is_the_contracts(self, task: str, key: str, kind: str | None) -> None:
        """The contract says of each of its keys whether it is a file."""
        assert volume_type(task, key) == kind
