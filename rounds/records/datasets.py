"""Datasets: what the registry may know of them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Name, Record, Sha256, Text


class DatasetState(StrEnum):
    """DEVELOPMENT until prepared, checked and its statistics released; then OPERATION, never back."""

    DEVELOPMENT = "DEVELOPMENT"
    OPERATION = "OPERATION"


class ReleaseRule(StrEnum):
    """Whether the data owner's rule may release, or only a person."""

    PERSON = "person"
    ALWAYS = "always"


class DatasetIn(Record):
    """A dataset to register: `raw_digest` is keyed (`rounds.digests.keyed`), so nobody can test a guess."""

    name: Name
    description: Text = ""
    location: Name
    site: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    benchmark_id: int
    raw_digest: Sha256
    statistics_release: ReleaseRule = ReleaseRule.PERSON
    results_release: ReleaseRule = ReleaseRule.PERSON


class Dataset(DatasetIn):
    """A dataset; `statistics` are the released ones."""

    id: int
    owner_id: int
    state: DatasetState
    prepared_digest: str | None = None
    statistics: dict[str, float | None] = Field(default_factory=dict)


class Preparation(Record):
    """A finished preparation: sets the dataset to OPERATION. Idempotent for the same bytes."""

    prepared_digest: Sha256
    sha256: Sha256
    statistics: dict[str, float | None]
    n_cases: int
    salt: Sha256
    approval_id: int
