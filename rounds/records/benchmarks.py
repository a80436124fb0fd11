"""Benchmarks, their contract, and who has joined them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Name, Record, Sha256, Text


class Direction(StrEnum):
    """Whether more of a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


class MetricSpec(Record):
    """One metric of the contract, read from the metrics cube's YAML by dotted paths.

    `minimum` and `maximum` bound what is accepted, `decimals` is the rounding that leaves the site;
    `variance_path` and `n_path` are optional. What no spec names never leaves.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
    unit: str = "1"
    direction: Direction = Direction.HIGHER
    minimum: float = 0.0
    maximum: float = 1.0
    decimals: Annotated[int, Field(ge=0, le=8)] = 4
    primary: bool = False
    variance_path: str | None = None


class StatisticSpec(Record):
    """One statistic of a prepared dataset that may leave, by its dotted path in the cube's YAML."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    path: str
    decimals: Annotated[int, Field(ge=0, le=8)] = 2


class MetricContract(Record):
    """What a result of the benchmark holds, and nothing else.

    `n_cases_path` is where the cube says how many cases it scored.
    """

    metrics: tuple[MetricSpec, ...] = Field(min_length=1)
    n_cases_path: str = "n_cases"
    statistics: tuple[StatisticSpec, ...] = ()


class AutoApprovalMode(StrEnum):
    """Whether a rule may stand in for the committee."""

    NEVER = "NEVER"
    ALWAYS = "ALWAYS"
    ALLOWLIST = "ALLOWLIST"


class AutoApproval(Record):
    """A rule for one side of a benchmark; the allow-list holds user ids, and an empty one allows nobody."""

    mode: AutoApprovalMode = AutoApprovalMode.NEVER
    allow: tuple[int, ...] = ()


class BenchmarkIn(Record):
    """A benchmark to propose; `compatibility_sha256` names the report of its compatibility test."""

    name: Name
    description: Text = ""
    preparator_id: int
    reference_model_id: int
    metrics_id: int
    contract: MetricContract
    datasets: AutoApproval = AutoApproval()
    models: AutoApproval = AutoApproval()
    demo_dataset_sha256: Sha256
    compatibility_sha256: Sha256
    approval_deadline_s: int = Field(default=14 * 24 * 3600, gt=0)


class BenchmarkStatus(StrEnum):
    """Where a benchmark stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class Benchmark(BenchmarkIn):
    """A benchmark."""

    id: int
    owner_id: int
    status: BenchmarkStatus
    approval_id: int


class MetricsCubeChange(Record):
    """A new version of the benchmark's metrics cube."""

    metrics_id: int


class AssociationStatus(StrEnum):
    """PENDING -> APPROVED | REJECTED, APPROVED -> REVOKED; history is kept, the latest row is in force."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"


class AssociationIn(Record):
    """A request to join, of exactly one of `dataset_id` and `model_id`.

    `test_sha256` names the report of the compatibility run.
    """

    benchmark_id: int
    dataset_id: int | None = None
    model_id: int | None = None
    test_sha256: Sha256


class Association(AssociationIn):
    """An association and where it stands."""

    id: int
    status: AssociationStatus
    priority: int
    requested_by: int
    approval_id: int

    @property
    def live(self) -> bool:
        """Whether it is in force or may come to be."""
        return self.status in (AssociationStatus.PENDING, AssociationStatus.APPROVED)


class PriorityChange(Record):
    """A model's new priority; higher runs first."""

    priority: int = Field(ge=-1000, le=1000)
