"""Classic mlcube.yaml as frozen models, as MLCube 0.0.9 reads it; `rounds.mlcube_files` translates it.

An empty task, an empty list of parameters and an empty parameter are allowed there: a parameter's
default is its own name, and a text in its place is the default.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, field_validator

from cube_specs.fields import Environment, PlainPath, Words, check_location, check_reference
from cube_specs.models import Strict, VolumeType


def _mapping_if_empty(value: object) -> object:
    return {} if value is None else value


def _default_spelled_out(value: object) -> object:
    if isinstance(value, dict) and value.get("type") == "unknown":
        return {key: told for key, told in value.items() if key != "type"}
    return {"default": value} if isinstance(value, str) else _mapping_if_empty(value)


class Platform(Strict):
    """What the cube's author runs it on; only the number of accelerators is taken over."""

    accelerator_count: int | None = Field(default=None, ge=0, le=999)
    accelerator_maker: JsonValue = None
    accelerator_model: JsonValue = None
    host_memory_gb: JsonValue = None
    need_internet_access: JsonValue = None
    host_disk_space_gb: JsonValue = None


class DockerBlock(Strict):
    """The image, and what Docker's command line is given with it. How to build it is not taken over."""

    image: str
    env_args: Annotated[Environment, BeforeValidator(_mapping_if_empty)] = Field(
        default_factory=dict
    )
    gpu_args: str | None = None
    cpu_args: str | None = None
    build_args: JsonValue = None
    build_context: JsonValue = None
    build_file: JsonValue = None
    build_strategy: JsonValue = None
    docker: JsonValue = None

    @field_validator("image")
    @classmethod
    def _check_image(cls, image: str) -> str:
        return check_reference(image)


class SingularityBlock(Strict):
    """The .sif; where an author keeps it and how it is built is not taken over."""

    image: str
    image_dir: JsonValue = None
    build_args: JsonValue = None
    build_file: JsonValue = None
    run_args: JsonValue = None
    singularity: JsonValue = None

    @field_validator("image")
    @classmethod
    def _check_image(cls, image: str) -> str:
        return check_location(image)


class Parameter(Strict):
    """One input or output: its path below the workspace, and what it is if that is said."""

    default: PlainPath | None = None
    type: VolumeType | None = None
    opts: Annotated[str | None, Field(pattern="^(ro|rw)$")] = None


_Parameters = Annotated[
    dict[str, Annotated[Parameter, BeforeValidator(_default_spelled_out)]],
    BeforeValidator(_mapping_if_empty),
]


class Parameters(Strict):
    """A task's inputs and outputs by their keys, in the order in which they are given to the program."""

    inputs: _Parameters = Field(default_factory=dict)
    outputs: _Parameters = Field(default_factory=dict)


class Task(Strict):
    """One task. With an entry point of its own, the program is not told the task's name."""

    entrypoint: Words = None
    parameters: Annotated[Parameters, BeforeValidator(_mapping_if_empty)] = Parameters()


class MlcubeFile(BaseModel):
    """A cube's mlcube.yaml. Further keys at the top only warn, since MLCube tolerates them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: JsonValue = None
    description: JsonValue = None
    authors: JsonValue = None
    platform: Annotated[Platform, BeforeValidator(_mapping_if_empty)] = Platform()
    docker: DockerBlock | None = None
    singularity: SingularityBlock | None = None
    tasks: dict[str, Annotated[Task, BeforeValidator(_mapping_if_empty)]] = Field(min_length=1)
