"""Datasets: what the registry may know of them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Flag, Id, Name, Record, Revised, Sha256, Text
from rounds.records.cubes import State
from rounds.records.people import Site

DatasetState = State


class ReleaseRule(StrEnum):
    """Whether the data owner's rule may release, or only a person."""

    PERSON = "person"
    ALWAYS = "always"


class PreparationStatus(StrEnum):
    """How far a preparation has come; always sent. In `manual` it waits for people at the site, in `waiting` for release."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    MANUAL = "manual"
    WAITING = "waiting"
    FAILED = "failed"
    FINISHED = "finished"


class DatasetIn(Record):
    """A dataset to register: `raw_digest` is keyed (`rounds.digests.keyed`), so nobody can test a guess.

    `benchmark_id` names the benchmark whose preparator and statistics it is prepared for; it may join
    every benchmark with that preparator. Without `progress_consent` no percentage of its preparation
    is taken. `submitted_as_prepared`: it has the benchmark's form already, and no preparator makes it; this is
    never changed. Whatever `state` is sent, it begins in DEVELOPMENT.
    """

    name: Name
    description: Text = ""
    location: Name
    site: Site
    benchmark_id: Id
    raw_digest: Sha256
    statistics_release: ReleaseRule = ReleaseRule.PERSON
    results_release: ReleaseRule = ReleaseRule.PERSON
    progress_consent: Flag = False
    submitted_as_prepared: Flag = False
    state: State = State.DEVELOPMENT
    organisation_id: Id | None = None


Percentages = dict[
    Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")],
    Annotated[int, Field(ge=0, le=100, strict=True)],
]


class Progress(Record):
    """How far a preparation has come; percentages of cases by stage only with the owner's consent."""

    status: PreparationStatus
    percentages: Percentages | None = None


class ProgressIn(Progress):
    """A site's report of it."""


class Dataset(DatasetIn, Revised):
    """A dataset; `statistics` are the released ones, `preparator_id` is what prepared it."""

    id: int
    organisation_id: int
    preparator_id: int
    prepared_digest: str | None = None
    statistics: dict[str, float | None] = Field(default_factory=dict)
    progress: Progress = Progress(status=PreparationStatus.NOT_STARTED)


class DatasetChange(Record):
    """What changes of a dataset; in OPERATION only its owner's rules, its consent and `is_valid` may."""

    name: Name | None = None
    description: Text | None = None
    location: Name | None = None
    statistics_release: ReleaseRule | None = None
    results_release: ReleaseRule | None = None
    progress_consent: Flag | None = None
    state: State | None = None
    is_valid: Flag | None = None


class Preparation(Record):
    """A finished preparation: sets the dataset to OPERATION. Idempotent for the same bytes."""

    prepared_digest: Sha256
    sha256: Sha256
    statistics: dict[str, float | None]
    n_cases: int
    salt: Sha256
    approval_id: Id
