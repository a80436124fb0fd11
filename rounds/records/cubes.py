"""Cubes as the registry knows them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from cube_specs.models import CubeKind
from rounds.records.base import Flag, Id, Name, Record, Revised, Sha256

Artifact = Annotated[str, Field(pattern=r"^(source|(image|sif)(_[a-z][a-z0-9_]{0,39})?)$")]
Address = Annotated[str, Field(max_length=500)]


class State(StrEnum):
    """DEVELOPMENT may be edited; OPERATION is frozen but for a short list, and never goes back."""

    DEVELOPMENT = "DEVELOPMENT"
    OPERATION = "OPERATION"


class Needs(Record):
    """What a cube cannot do without, beyond what every site gives: each site grants it by the cube's digest, or refuses.

    `writable_root`: it writes beside its outputs and `/tmp`, into its image's own files, as far as those let any
    user write; what it writes there is lost. `scratch_gib`: so much room in `/tmp`.
    """

    writable_root: Flag = False
    scratch_gib: Annotated[float, Field(gt=0, le=100_000)] | None = None


class CubeIn(Record):
    """A cube to register.

    `artifacts` maps what runs to its digest: `source` (the process engine's source tree), `image` (the
    Docker image's id), `sif`; of a workflow's further images `image_<name>` or `sif_<name>`. `digest` is over
    all of it (`rounds.cubes.cube_digest`) and is checked; `needs` is not in it, since no site gives more than
    it granted.
    `organisation_id` is whose it will be; None is the caller's own organisation of one.
    """

    name: Name
    kind: CubeKind
    config: dict[str, JsonValue]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    artifacts: dict[Artifact, Sha256] = Field(min_length=1)
    additional_files_url: Address | None = None
    additional_files_sha256: Sha256 | None = None
    digest: Sha256
    needs: Needs = Needs()
    state: State = State.DEVELOPMENT
    organisation_id: Id | None = None


class Cube(CubeIn, Revised):
    """A registered cube."""

    id: int
    organisation_id: int


class CubeChange(Record):
    """What changes of a cube; in OPERATION only `additional_files_url`, `needs` and `is_valid` may."""

    name: Name | None = None
    config: dict[str, JsonValue] | None = None
    parameters: dict[str, JsonValue] | None = None
    artifacts: dict[Artifact, Sha256] | None = None
    additional_files_url: Address | None = None
    additional_files_sha256: Sha256 | None = None
    digest: Sha256 | None = None
    needs: Needs | None = None
    state: State | None = None
    is_valid: Flag | None = None
