"""Cubes as the registry knows them."""

from typing import Annotated

from pydantic import Field, JsonValue

from cube_specs.models import CubeKind
from rounds.records.base import Name, Record, Sha256


class CubeIn(Record):
    """A cube to register.

    `artifacts` maps what runs to its digest: `source` (the process engine's source tree), `image` (the
    Docker image's id). `digest` is over all of it (`rounds.cubes.cube_digest`) and is checked.
    """

    name: Name
    kind: CubeKind
    config: dict[str, JsonValue]
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    artifacts: dict[Annotated[str, Field(pattern=r"^(source|image|sif)$")], Sha256] = Field(
        min_length=1
    )
    additional_files_url: str | None = None
    additional_files_sha256: Sha256 | None = None
    digest: Sha256


class Cube(CubeIn):
    """A registered cube."""

    id: int
    owner_id: int
