"""The fields of container_config.yaml: what MedPerf takes is taken, what no engine could run is refused."""

import pytest
from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeTask, RunArgs
from rounds.documents import parse_document
from rounds.errors import SpecError

VOLUME: dict[str, JsonValue] = {"mount_path": "/data", "type": "directory"}
DIGEST = "sha256:" + "ab" * 32


def config(**changes: JsonValue) -> ContainerConfig:
    """A model's config with these changes at the top."""
    task: JsonValue = {"output_volumes": {"output_path": VOLUME}}
    good: JsonValue = {"container_type": "DockerImage", "image": "a", "tasks": {"infer": task}}
    assert isinstance(good, dict)
    return parse_document(ContainerConfig, good | changes, name="container_config.yaml")


def run_args(**asked: JsonValue) -> RunArgs:
    """What the model's task asks of its call."""
    return config(tasks={"infer": {"run_args": dict(asked)}}).tasks["infer"].run_args


def mounted(path: JsonValue) -> str:
    """Where the model's output is mounted when its config says `path`."""
    task: JsonValue = {"output_volumes": {"output_path": VOLUME | {"mount_path": path}}}
    return config(tasks={"infer": task}).tasks["infer"].output_volumes["output_path"].mount_path


class TestTasks:
    @pytest.mark.parametrize(
        ("tasks", "message"),
        [
            (None, "found nothing in tasks, but needed a mapping"),
            ([], "found a list in tasks, but needed a mapping"),
            ({}, "found a mapping in tasks, but dictionary should have at least 1"),
            ({"infer": None}, "found nothing in tasks.infer, but needed a mapping"),
            ({"infer": [1]}, "found a list in tasks.infer, but needed a mapping"),
            (
                {"infer": {"run_args": None}},
                "found nothing in tasks.infer.run_args, but needed a m",
            ),
            (
                {"infer": {"output_volumes": ["x"]}},
                "found a list in tasks.infer.output_volumes, but",
            ),
            (
                {"infer": {"output_volumes": {"x": None}}},
                "found nothing in .*output_volumes.x, but n",
            ),
            (
                {"infer": {"output_volumes": {"x": {**VOLUME, "mode": "rw"}}}},
                "unknown key 'mode' in",
            ),
            (
                {"infer": {"output_volumes": {"x": {"type": "file"}}}},
                "found no 'mount_path' in tasks.",
            ),
            (
                {"infer": {"output_volume": {}}},
                "'output_volume' in .*did you mean 'output_volumes'",
            ),
            ({"infer": {"run_args": {"gpu": 1}}}, "unknown key 'gpu' in .*did you mean 'gpus'"),
        ],
    )
    def test_are_mappings_of_known_keys(self, tasks: JsonValue, message: str) -> None:
        """A wrong shape or key is told by file, field, what was found and what was needed."""
        with pytest.raises(SpecError, match=rf"^container_config\.yaml: .*{message}"):
            config(tasks=tasks)

    def test_do_without_volumes(self) -> None:
        """MedPerf takes a task that declares nothing."""
        assert config(tasks={"tidy": {}}).tasks["tidy"] == CubeTask()


class TestImage:
    @pytest.mark.parametrize(
        "image",
        [
            "python",
            "library/python:3.11-slim",
            "mlcommons/fets22_data-prep",
            "localhost:5000/a/b/c",
            "docker.synapse.org/syn1/mock-model-cpu:0.0.0",
            "[::1]:5000/a:Tag_1.2",
            f"ghcr.io/a/b@{DIGEST}",
            f"ghcr.io:443/a/b:1@{DIGEST}",
        ],
    )
    def test_is_a_reference(self, image: str) -> None:
        """Host, port, path, tag and digest are kept as they are."""
        assert config(image=image).image == image

    @pytest.mark.parametrize(
        "image",
        [
            "",
            " a",
            "a b",
            "a\n",
            "a\x00",
            "a/B",
            "a//b",
            "/a",
            "a:",
            "a:b:c",
            "a@sha256:ab",
            "-a",
            "https://example.org/a.tar",
            "${docker.image}",
            "a" * 501,
        ],
    )
    def test_is_refused_where_no_registry_takes_it(self, image: str) -> None:
        """A reference that docker would not understand is told at the author's desk."""
        with pytest.raises(SpecError, match="found text in image, but needed a reference such as"):
            config(image=image)

    @pytest.mark.parametrize("image", ["https://a/B.tar", "synapse:syn1", "a/b.sif", "C.sif"])
    def test_is_any_word_for_an_archive(self, image: str) -> None:
        """An archive or a .sif is named by a URL, a Synapse id or a path."""
        assert config(container_type="SingularityFile", image=image).image == image

    @pytest.mark.parametrize("image", ["", "a b.sif", "a\tb", "a\x1bb", "a" * 501])
    def test_is_one_plain_word_for_an_archive(self, image: str) -> None:
        """A location with spaces or control characters is refused."""
        with pytest.raises(SpecError, match="in image, but needed the URL or the path of an arch"):
            config(container_type="DockerArchive", image=image)


class TestMountPath:
    @pytest.mark.parametrize(
        ("path", "place"),
        [
            ("/data", "/data"),
            ("//data//b/", "/data/b"),
            ("/data/./b", "/data/b"),
            ("/my data/ä", "/my data/ä"),
            ("/tmp/data", "/tmp/data"),  # noqa: S108
            ("/usr/share/model", "/usr/share/model"),
            ("/processed", "/processed"),
        ],
    )
    def test_is_said_in_one_way(self, path: str, place: str) -> None:
        """Two spellings of one place are one place, and one digest."""
        assert mounted(path) == place

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("data", "but needed an absolute path inside the container"),
            ("", "but needed an absolute path inside the container"),
            ("/a/../etc", "but needed an absolute path inside the container, without '..'"),
            ("/a:/b", "but needed a path without control characters and colons"),
            ("/a\nb", "but needed a path without control characters and colons"),
            (3, "but input should be a valid string"),
            *((path, "system folders") for path in ("/", "//", "/.", "/tmp/", "/usr", "/var")),  # noqa: S108
            *((path, "system folders") for path in ("/proc", "/etc/passwd", "/dev/shm", "//sys/x")),  # noqa: S108
            *((path, "system folders") for path in ("/bin/sh", "/lib64/a", "/sbin", "/lib/./x")),
        ],
    )
    def test_stays_out_of_the_way(self, path: JsonValue, message: str) -> None:
        """A mount over the root or over what the system needs breaks the container or its bounds."""
        with pytest.raises(SpecError, match=rf"output_path\.mount_path, .*{message}"):
            mounted(path)


class TestEnvironment:
    def test_takes_what_yaml_makes_of_words(self) -> None:
        """Numbers, true and false are the text that MedPerf hands to the container."""
        told: JsonValue = {"A": 1, "B": 0.5, "C": True, "D": "x=y\nz", "E": ""}

        assert run_args(environment=told).environment == {
            "A": "1",
            "B": "0.5",
            "C": "True",
            "D": "x=y\nz",
            "E": "",
        }

    @pytest.mark.parametrize(
        ("told", "message"),
        [
            ({"A": None}, "needed text, a number, true or false for each variable"),
            ({"A": ["x"]}, "needed text, a number, true or false for each variable"),
            ({"A": "\x00"}, "needed text, a number, true or false for each variable"),
            ({"A=B": "x"}, "needed names of variables without spaces and '='"),
            ({"": "x"}, "needed names of variables without spaces and '='"),
            (["A=1"], "found a list in .*environment, but needed a mapping"),
        ],
    )
    def test_is_refused_where_no_variable_can_be(self, told: JsonValue, message: str) -> None:
        """A name or a value that no container could be given is told."""
        with pytest.raises(SpecError, match=message):
            run_args(environment=told)
