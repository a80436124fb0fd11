"""One attempt at benchmark x dataset x model, and the result it released."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.errors import Code
from rounds.records.base import LARGEST_ID, Flag, Id, Record, Revised, Sha256, Text
from rounds.records.crashes import Crash


class ExecutionStatus(StrEnum):
    """Where one attempt at benchmark x dataset x model stands."""

    CLAIMED = "CLAIMED"
    FAILED = "FAILED"
    SCORED = "SCORED"
    SUBMITTED = "SUBMITTED"
    HELD_BACK = "HELD_BACK"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


class ClaimIn(Record):
    """A cell to claim; the same `key` gets the same claim back, so a lost answer loses nothing."""

    benchmark_id: Id
    dataset_id: Id
    model_id: Id
    key: Annotated[str, Field(min_length=8, max_length=100)]


class Claim(Record):
    """A lease on a cell; without `fencing_token` nothing can be submitted for it."""

    execution_id: int
    fencing_token: int
    lease_s: float
    attempt: int


class Fenced(Record):
    """A heartbeat: only the holder of the latest token is heard."""

    fencing_token: Annotated[int, Field(ge=1, le=LARGEST_ID, strict=True)]


class Failure(Fenced):
    """The cell failed: only the code, and of a cube that crashed these few facts, leave the site."""

    code: Code
    crash: Crash = Crash()


class Scored(Fenced):
    """The cell's draft awaits release: its sha256, and digests of all that made it (cubes; keyed data)."""

    sha256: Sha256
    inputs: dict[Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")], Sha256] = Field(max_length=20)


class MetricValue(Record):
    """One released value in the metric's unit, with the variance of its estimate when the cube gives it."""

    score: float
    variance: float | None = None


class Submission(Fenced):
    """A released result. Keyed by execution and sha256: sent twice it is stored once.

    `partial` says that the model failed half-way, and these are the scores of what it wrote before.
    """

    sha256: Sha256
    approval_id: Id
    metrics: dict[str, MetricValue]
    n_cases: Annotated[int, Field(le=LARGEST_ID, strict=True)]
    salt: Sha256
    partial: Flag = False


class Receipt(Record):
    """The registry has it."""

    execution_id: int
    sha256: Sha256
    received_at: datetime


class Execution(Record):
    """One attempt, as the registry has it now; past its `deadline` no heartbeat extends its lease."""

    id: int
    benchmark_id: int
    dataset_id: int
    model_id: int
    metrics_id: int
    attempt: int
    status: ExecutionStatus
    code: Code | None
    crash: Crash = Crash()
    partial: bool = False
    sha256: Sha256 | None
    lease_until: datetime
    deadline: datetime


class ResultStatus(StrEnum):
    """A result is never changed: it counts until a later one supersedes it, or its owner withdraws it."""

    IN_FORCE = "IN_FORCE"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"


class Result(Revised):
    """What an execution released, and whether it still counts; `reason` says why it was withdrawn."""

    id: int
    execution_id: int
    benchmark_id: int
    dataset_id: int
    model_id: int
    approval_id: int
    sha256: Sha256
    metrics: dict[str, MetricValue]
    n_cases: int
    partial: bool = False
    status: ResultStatus
    reason: str
    received_at: datetime


class Withdrawal(Record):
    """Why something is taken back."""

    reason: Annotated[Text, Field(min_length=1)]


class Cell(Record):
    """One benchmark x dataset x model: its latest execution and, once submitted, its result.

    `outstanding` says that a site's `sync` should start it; a cell that failed, or whose result is `partial`,
    is not outstanding but is `runnable`, so that a person's rerun tries it again.
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
    partial: bool = False
    crash: Crash = Crash()
    n_cases: int | None = None
    metrics: dict[str, MetricValue] = Field(default_factory=dict)
