"""container_config.yaml as frozen models; mount keys are the contract, mount paths the cube's choice."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from cube_specs.fields import (
    Environment,
    Gpus,
    MountPath,
    ShmSize,
    Words,
    check_location,
    check_reference,
)
from cube_specs.workflow import Name, Step


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
    SCRIPT = "script"


class VolumeType(StrEnum):
    """Whether a mount is one file or a folder."""

    FILE = "file"
    DIRECTORY = "directory"


class Strict(BaseModel):
    """Base of the documents here: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Volume(Strict):
    """Where one mount key appears inside the container."""

    mount_path: MountPath
    type: VolumeType


class RunArgs(Strict):
    """What a cube may ask of the container call, and nothing else.

    Numbers, true and false in `environment` become the text that MedPerf makes of them: `1`, `0.5`, `True`.
    """

    command: Words = None
    entrypoint: Words = None
    environment: Environment = Field(default_factory=dict)
    gpus: Gpus = None
    shm_size: ShmSize = None


class CubeTask(Strict):
    """One task: its inputs are mounted read-only, its outputs are created beforehand and writable."""

    run_args: RunArgs = RunArgs()
    input_volumes: dict[str, Volume] = Field(default_factory=dict)
    output_volumes: dict[str, Volume] = Field(default_factory=dict)


class Image(BaseModel):
    """Where an image comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    container_type: ContainerType
    image: str

    @field_validator("image")
    @classmethod
    def _check_image(cls, image: str, info: ValidationInfo) -> str:
        pulled = info.data.get("container_type") is ContainerType.DOCKER_IMAGE
        return check_reference(image) if pulled else check_location(image)


class ContainerConfig(Image):
    """A cube's container_config.yaml. Unknown keys at the top only warn, since MedPerf tolerates them.

    A preparator may have a `workflow`, and further `images` for its steps.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    tasks: dict[str, CubeTask] = Field(min_length=1)
    images: dict[Name, Image] | None = None
    workflow: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)] | None = None
