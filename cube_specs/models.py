"""container_config.yaml as frozen models; mount keys are the contract, mount paths the cube's choice."""

from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class ContainerType(StrEnum):
    """How the image is delivered, in MedPerf's words."""

    DOCKER_IMAGE = "DockerImage"
    DOCKER_ARCHIVE = "DockerArchive"
    SINGULARITY_FILE = "SingularityFile"
    ENCRYPTED_DOCKER_ARCHIVE = "EncryptedDockerArchive"
    ENCRYPTED_SINGULARITY_FILE = "EncryptedSingularityFile"


class CubeKind(StrEnum):
    """What a cube is for, told by its tasks."""

    PREPARATOR = "preparator"
    MODEL = "model"
    METRICS = "metrics"


class VolumeType(StrEnum):
    """Whether a mount is one file or a folder."""

    FILE = "file"
    DIRECTORY = "directory"


def _absolute(path: str) -> str:
    if not PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        message = "needed an absolute path inside the container, without '..'"
        raise ValueError(message)
    return path


class Strict(BaseModel):
    """Base of the documents here: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Volume(Strict):
    """Where one mount key appears inside the container."""

    mount_path: Annotated[str, AfterValidator(_absolute)]
    type: VolumeType


class RunArgs(Strict):
    """What a cube may ask of the container call, and nothing else."""

    command: str | tuple[str, ...] | None = None
    entrypoint: str | tuple[str, ...] | None = None
    environment: dict[str, str] = Field(default_factory=dict)
    gpus: str | int | None = None
    shm_size: str | None = None


class CubeTask(Strict):
    """One task: its inputs are mounted read-only, its outputs are created beforehand and writable."""

    run_args: RunArgs = RunArgs()
    input_volumes: dict[str, Volume] = Field(default_factory=dict)
    output_volumes: dict[str, Volume] = Field(default_factory=dict)


class ContainerConfig(BaseModel):
    """A cube's container_config.yaml. Unknown keys at the top only warn, since MedPerf tolerates them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    container_type: ContainerType
    image: str
    tasks: dict[str, CubeTask] = Field(min_length=1)
