"""One attempt at benchmark x dataset x model, and the result it released."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.errors import Code
from rounds.records.base import Record, Sha256


class ExecutionStatus(StrEnum):
    """Where one attempt at benchmark x dataset x model stands."""

    CLAIMED = "CLAIMED"
    FAILED = "FAILED"
    SCORED = "SCORED"
    SUBMITTED = "SUBMITTED"
    HELD_BACK = "HELD_BACK"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


class ClaimIn(Record):
    """A cell to claim; the same `key` gets the same claim back, so a lost answer loses nothing."""

    benchmark_id: int
    dataset_id: int
    model_id: int
    key: Annotated[str, Field(min_length=8, max_length=100)]


class Claim(Record):
    """A lease on a cell; without `fencing_token` nothing can be submitted for it."""

    execution_id: int
    fencing_token: int
    lease_s: float
    attempt: int


class Fenced(Record):
    """A heartbeat: only the holder of the latest token is heard."""

    fencing_token: int


class Failure(Fenced):
    """The cell failed; only the code leaves the site."""

    code: Code


class Scored(Fenced):
    """The cell's draft awaits release: its sha256, and digests of all that made it (cubes; keyed data)."""

    sha256: Sha256
    inputs: dict[str, Sha256]


class MetricValue(Record):
    """One released value in the metric's unit, with the variance of its estimate when the cube gives it."""

    score: float
    variance: float | None = None


class Submission(Fenced):
    """A released result. Keyed by execution and sha256: sent twice it is stored once."""

    sha256: Sha256
    approval_id: int
    metrics: dict[str, MetricValue]
    n_cases: int
    salt: Sha256


class Receipt(Record):
    """The registry has it."""

    execution_id: int
    sha256: Sha256
    received_at: datetime


class Execution(Record):
    """One attempt, as the registry has it now."""

    id: int
    benchmark_id: int
    dataset_id: int
    model_id: int
    metrics_id: int
    attempt: int
    status: ExecutionStatus
    code: Code | None
    sha256: Sha256 | None
    lease_until: datetime


class Cell(Record):
    """One benchmark x dataset x model: its latest execution and, once submitted, its result.

    `outstanding` says that a site's `sync` should start it; a failed cell is not outstanding but is
    `runnable`, so that a person's rerun tries it again.
    """

    benchmark_id: int
    dataset_id: int
    model_id: int
    site: str
    model: str
    priority: int
    outstanding: bool
    runnable: bool
    execution_id: int | None = None
    attempt: int = 0
    status: ExecutionStatus | None = None
    reason: str = ""
    n_cases: int | None = None
    metrics: dict[str, MetricValue] = Field(default_factory=dict)
