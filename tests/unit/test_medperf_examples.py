"""MedPerf's example cubes, written out as documents: each is a cube here, and the same after a round trip."""

import pytest

from cube_specs.models import ContainerType, CubeKind
from rounds.cubes import Cube, from_record, read_cube, to_record
from tests.unit.cube_documents import EXAMPLES

NAMES = sorted(
    path.parent.relative_to(EXAMPLES).as_posix()
    for name in ("container_config.yaml", "mlcube.yaml")
    for path in EXAMPLES.rglob(name)
)
DATA = "data_path labels_path"
SEPARATE = {
    "prepare": f"{DATA} parameters_file > output_path output_labels_path",
    "sanity_check": f"{DATA} parameters_file >",
    "statistics": f"{DATA} parameters_file > output_path",
}
TOGETHER = {
    "prepare": f"{DATA} parameters_file > output_path",
    "sanity_check": "data_path parameters_file >",
    "statistics": "data_path parameters_file > output_path",
}
REPORTED = "output_path output_labels_path report_file metadata_path"
MODEL = {"infer": "data_path parameters_file > output_path"}
FED = {"infer": "data_path parameters_file additional_files > output_path"}
METRICS = {"evaluate": "predictions labels parameters_file > output_path"}
SCRIPT = {"run_script": f"{DATA} model_files > results_path"}
PREPARATORS = {
    "BraTS2021/data_prep": SEPARATE,
    "BraTS2023/data_prep": SEPARATE,
    "BraTS2024/data_prep": SEPARATE,
    "ChestXRay/chexpert_prep": TOGETHER,
    "ChestXRay/chexpert_prep_separate_labels": SEPARATE,
    "DFCI/prep": TOGETHER,
    "RANO/data_preparator": {
        "prepare": f"{DATA} parameters_file additional_files > {REPORTED}",
        "sanity_check": f"{DATA} parameters_file metadata_path >",
        "statistics": f"{DATA} parameters_file metadata_path > output_path",
    },
    "SurgMLCube/surg_prep": TOGETHER,
    "chestxray_tutorial/data_preparator": SEPARATE,
    "manual_steps/data_prep": {
        "prepare": f"{DATA} > output_path output_labels_path metadata_path report_file",
        "sanity_check": f"{DATA} >",
        "statistics": f"{DATA} metadata_path > output_path",
    },
    "mock/prep-sep": SEPARATE,
}
MODELS = {
    "BraTS2021/model_deepmedic": MODEL,
    "BraTS2021/model_deepscan": MODEL,
    "BraTS2021/model_nnunet": MODEL,
    "BraTS2023/dummy_model": MODEL,
    "BraTS2024/dummy_model": MODEL,
    "ChestXRay/xrv_chex_densenet": FED,
    "ChestXRay/xrv_resnet": FED,
    "DFCI/model": FED,
    "SurgMLCube/surg_model_TeCNO": FED,
    "chestxray_tutorial/model_custom_cnn": FED,
    "chestxray_tutorial/model_mobilenetv2": FED,
    "mock/model-bug": FED,
    "mock/model-cpu": FED,
    "mock/model-cpu-archive": FED,
    "mock/model-cpu-encrypted-archive": FED,
    "mock/model-cpu-encrypted-sif": FED,
    "mock/model-cpu-sif": FED,
    "mock/model-cpu-synapse": FED,
}
JUDGES = {
    "BraTS2021/metrics": METRICS,
    "BraTS2023/inpainting_metrics": METRICS,
    "BraTS2023/segmentation_metrics": METRICS,
    "BraTS2023/synthesis_metrics": METRICS,
    "BraTS2024/global_synthesis_metrics": METRICS,
    "ChestXRay/metrics": METRICS,
    "DFCI/metrics": METRICS,
    "SurgMLCube/surg_metrics": METRICS,
    "cc/rano_metrics": {"evaluate": "labels predictions > local_outputs_path output_path"},
    "chestxray_tutorial/metrics": METRICS,
    "mock/metrics": METRICS,
}
SCRIPTS = {"cc/chestxray": SCRIPT, "cc/rano": SCRIPT}
EXPECTED = {
    **{name: (CubeKind.PREPARATOR, tasks) for name, tasks in PREPARATORS.items()},
    **{name: (CubeKind.MODEL, tasks) for name, tasks in MODELS.items()},
    **{name: (CubeKind.METRICS, tasks) for name, tasks in JUDGES.items()},
    **{name: (CubeKind.SCRIPT, tasks) for name, tasks in SCRIPTS.items()},
}


def keys(cube: Cube) -> dict[str, str]:
    """Each task's mount keys in their order, the inputs before `>`."""
    return {
        name: " ".join((*task.input_volumes, ">", *task.output_volumes))
        for name, task in cube.config.tasks.items()
    }


class TestExamples:
    @pytest.mark.parametrize("name", NAMES)
    def test_are_cubes_of_their_kind(self, name: str) -> None:
        """Each example's document gives the kind, the tasks and the mount keys that its authors meant."""
        cube = read_cube(EXAMPLES / name)

        assert (cube.kind, keys(cube)) == EXPECTED[name]

    @pytest.mark.parametrize("name", NAMES)
    def test_survive_the_registry(self, name: str) -> None:
        """From document to cube to record as JSON and back: an equal cube with the same digest."""
        cube = read_cube(EXAMPLES / name)
        record = to_record(cube)

        back = from_record(type(record).model_validate_json(record.model_dump_json()))

        assert back == cube
        assert back.digest == cube.digest == record.digest

    @pytest.mark.parametrize("name", NAMES)
    def test_are_mounted_apart(self, name: str) -> None:
        """No task of an example has two mounts at one path."""
        cube = read_cube(EXAMPLES / name)

        for task in cube.config.tasks.values():
            volumes = (*task.input_volumes.values(), *task.output_volumes.values())
            assert len({volume.mount_path for volume in volumes}) == len(volumes)

    def test_are_all_named_here(self) -> None:
        """What is expected is expected of an example that is there."""
        assert sorted(EXPECTED) == sorted(NAMES)


class TestParameters:
    @pytest.mark.parametrize("name", ["chestxray_tutorial/metrics", "ChestXRay/metrics"])
    def test_lie_in_the_workspace(self, name: str) -> None:
        """MedPerf's authors keep parameters.yaml below workspace/, beside either kind of document."""
        assert read_cube(EXAMPLES / name).parameters != {}


class TestWays:
    @pytest.mark.parametrize(
        ("name", "way"),
        [
            ("mock/model-cpu", ContainerType.DOCKER_IMAGE),
            ("mock/model-cpu-archive", ContainerType.DOCKER_ARCHIVE),
            ("mock/model-cpu-sif", ContainerType.SINGULARITY_FILE),
            ("mock/model-cpu-encrypted-archive", ContainerType.ENCRYPTED_DOCKER_ARCHIVE),
            ("mock/model-cpu-encrypted-sif", ContainerType.ENCRYPTED_SINGULARITY_FILE),
            ("BraTS2021/metrics", ContainerType.DOCKER_IMAGE),
        ],
    )
    def test_of_delivery_are_kept(self, name: str, way: ContainerType) -> None:
        """Each of the five ways to deliver an image is one here; a classic cube's is a Docker image."""
        assert read_cube(EXAMPLES / name).config.container_type is way
