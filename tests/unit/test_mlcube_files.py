"""Classic mlcube.yaml in the one form: the same program, called with the same words."""

import logging

import pytest

from cube_specs.models import ContainerType, Volume, VolumeType
from rounds.cubes import read_cube
from rounds.mlcube_files import SCRATCH
from tests.unit.cube_documents import EXAMPLES, MODEL, infer, parse


def data_path(said: str) -> Volume:
    """How the model's input is mounted when its document says `said`."""
    return infer(("data_path: data/", f"data_path: {said}")).input_volumes["data_path"]


class TestCall:
    def test_is_the_one_that_medperf_wrote_by_hand(self) -> None:
        """MedPerf's authors once translated the RANO preparator themselves; this is their result."""
        task = read_cube(EXAMPLES / "RANO" / "data_preparator").config.tasks["prepare"]

        places = {
            key: volume.mount_path
            for key, volume in {**task.input_volumes, **task.output_volumes}.items()
        }
        assert places == {
            "data_path": "/mlcube_io0",
            "labels_path": "/mlcube_io1",
            "parameters_file": "/mlcube_io2/parameters.yaml",
            "additional_files": "/mlcube_io3",
            "output_path": "/mlcube_io4",
            "output_labels_path": "/mlcube_io5",
            "report_file": "/mlcube_io6/report.yaml",
            "metadata_path": "/mlcube_io7",
        }
        assert task.run_args.command == (
            "prepare",
            "--data_path=/mlcube_io0",
            "--labels_path=/mlcube_io1",
            "--parameters_file=/mlcube_io2/parameters.yaml",
            "--models=/mlcube_io3/models",
            "--output_path=/mlcube_io4",
            "--output_labels_path=/mlcube_io5",
            "--report_file=/mlcube_io6/report.yaml",
            "--metadata_path=/mlcube_io7",
        )

    def test_leaves_out_the_task_for_an_entry_point(self) -> None:
        """A task's own entry point is not told which task it is."""
        asked = infer(("  infer:", "  infer:\n    entrypoint: python3 '/my app/run.py'")).run_args

        assert asked.entrypoint == ("python3", "/my app/run.py")
        assert asked.command == ("--data_path=/mlcube_io0", "--output_path=/mlcube_io1")

    def test_counts_several_of_the_additional_files_once(self) -> None:
        """Two weights lie in one mount, each named by its own key."""
        task = infer(
            (
                "{data_path: data/}",
                "{a: additional_files/a.pt, b: ./additional_files/b/, data_path: d}",
            )
        )

        assert list(task.input_volumes) == ["additional_files", "data_path"]
        assert task.run_args.command is not None
        assert task.run_args.command[1:3] == ("--a=/mlcube_io0/a.pt", "--b=/mlcube_io0/b")

    @pytest.mark.parametrize(
        ("said", "place"),
        [("", "/mlcube_io0"), ("additional_files/a", "/mlcube_io0/a"), ("files/", "/mlcube_io0")],
    )
    def test_points_into_the_additional_files(self, said: str, place: str) -> None:
        """The contract's own key may be a part of the additional files too."""
        task = infer(("{data_path: data/}", f"{{additional_files: {said}}}"))

        assert task.input_volumes["additional_files"].mount_path == "/mlcube_io0"
        assert task.run_args.command is not None
        assert task.run_args.command[1] == f"--additional_files={place}"

    def test_names_the_parameters_as_the_cube_does(self) -> None:
        """An input of another name that is the workspace's parameters.yaml gets the parameters."""
        task = infer(("{data_path: data/}", "{data_path: data/, settings: parameters.yaml}"))

        assert task.input_volumes["parameters_file"].mount_path == "/mlcube_io1/parameters.yaml"
        assert task.run_args.command is not None
        assert "--settings=/mlcube_io1/parameters.yaml" in task.run_args.command

    @pytest.mark.parametrize(
        ("said", "place"),
        [("{type: file, default: a/run.log}", f"{SCRATCH}/run.log"), ("logs/", SCRATCH)],
    )
    def test_loses_an_output_that_nobody_reads(
        self, said: str, place: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A cube may write a log of its own; it goes to the call's scratch, with a warning."""
        with caplog.at_level(logging.WARNING):
            task = infer(("{output_path: predictions/}", f"{{output_path: p, notes: {said}}}"))

        assert list(task.output_volumes) == ["output_path"]
        assert task.run_args.command is not None
        assert task.run_args.command[-1] == f"--notes={place}"
        assert "nobody reads the output 'notes'" in caplog.text


class TestType:
    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            ("{type: file, default: data/}", VolumeType.FILE),
            ("{type: directory, default: data.zip}", VolumeType.DIRECTORY),
            ("{type: unknown, default: data.zip}", VolumeType.DIRECTORY),
            ("{default: data.zip/}", VolumeType.DIRECTORY),
            ("data.zip", VolumeType.DIRECTORY),
            ("", VolumeType.DIRECTORY),
            ("{}", VolumeType.DIRECTORY),
        ],
    )
    def test_is_what_is_said_then_a_slash_then_the_contract(
        self, said: str, kind: VolumeType
    ) -> None:
        """A word of the author's comes first, and the contract before a guess by the name."""
        assert data_path(said).type is kind

    def test_is_told_by_the_suffix_where_the_contract_is_silent(self) -> None:
        """A task that the contract does not know is guessed by the names of its files."""
        more = "  fetch: {parameters: {outputs: {archive: a.zip, folder: a, zips: a.zip/}}}\n"

        task = parse(MODEL + more).tasks["fetch"]

        kinds = [volume.type for volume in task.output_volumes.values()]
        assert kinds == ["file", "directory", "directory"]

    def test_gives_a_file_its_name(self) -> None:
        """A program that looks at a file's suffix finds the one that its author wrote."""
        assert data_path("{type: file, default: a/b.csv}").mount_path == "/mlcube_io0/b.csv"


class TestEngine:
    @pytest.mark.parametrize(
        ("count", "block", "gpus", "shm_size"),
        [
            ("0", "gpu_args: --gpus all", None, None),
            ("2", "build_file: x", 2, None),
            ("1", "gpu_args: --gpus all", "all", None),
            ("1", "gpu_args: --gpus=all --shm-size 2g", "all", "2g"),
            ("1", "gpu_args: --runtime=nvidia", "all", None),
            ("1", "gpu_args: '--gpus device=0,2'", "device=0,2", None),
            ("1", """gpu_args: --gpus '"device=0"'""", "device=0", None),
            ("0", "cpu_args: --shm-size=1g", None, "1g"),
            ("", "build_strategy: auto", None, None),
        ],
    )
    def test_takes_over_gpus_and_shared_memory(
        self, count: str, block: str, gpus: str | int | None, shm_size: str | None
    ) -> None:
        """Accelerators and what Docker is told of them become `gpus` and `shm_size`."""
        asked = infer(("count: 0", f"count: {count}"), ('"a/b:1"', f'"a/b:1", {block}')).run_args

        assert (asked.gpus, asked.shm_size) == (gpus, shm_size)

    def test_leaves_the_rest_to_the_site(self, caplog: pytest.LogCaptureFixture) -> None:
        """No cube opens the network or becomes privileged by a word in its document."""
        with caplog.at_level(logging.WARNING):
            asked = infer(('"a/b:1"', '"a/b:1", cpu_args: --privileged --network=host')).run_args

        assert asked.model_dump(exclude_defaults=True).keys() == {"command"}
        assert "ignoring what a site alone decides: --privileged --network=host" in caplog.text

    def test_takes_over_the_environment(self) -> None:
        """Variables for Docker's command line are the container's."""
        asked = infer(('"a/b:1"', '"a/b:1", env_args: {OMP_NUM_THREADS: 2}')).run_args

        assert asked.environment == {"OMP_NUM_THREADS": "2"}

    def test_is_singularity_where_no_docker_is(self) -> None:
        """A .sif runs where there is no Docker image, and only there."""
        sif = "singularity: {image: model-0.1.sif, image_dir: /images}"
        alone = parse(MODEL, ('docker: {image: "a/b:1"}', sif))
        both = parse(f"{MODEL}{sif}\n")

        assert (alone.container_type, alone.image) == ("SingularityFile", "model-0.1.sif")
        assert both.container_type is ContainerType.DOCKER_IMAGE
