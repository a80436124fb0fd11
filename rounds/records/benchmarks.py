"""Benchmarks, their contract, and who has joined them."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, JsonValue

from rounds.records.base import Flag, Id, Name, Record, Revised, Seconds, Sha256, Text, Url
from rounds.records.cubes import State


class Direction(StrEnum):
    """Whether more of a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"


# A place in a cube's YAML.
DottedPath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", max_length=200)]


class MetricSpec(Record):
    """One metric of the contract, read from the metrics cube's YAML by dotted paths.

    `minimum` and `maximum` bound what is accepted, `decimals` is the rounding that leaves the site;
    `variance_path` is optional. What no spec names never leaves.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    path: DottedPath
    unit: Annotated[str, Field(pattern=r"^[A-Za-z0-9µ°%/^*.-]{1,20}$")] = "1"
    direction: Direction = Direction.HIGHER
    minimum: float = 0.0
    maximum: float = 1.0
    decimals: Annotated[int, Field(ge=0, le=8, strict=True)] = 4
    primary: Flag = False
    variance_path: DottedPath | None = None


class StatisticSpec(Record):
    """One statistic of a prepared dataset that may leave, by its dotted path in the cube's YAML."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    path: DottedPath
    decimals: Annotated[int, Field(ge=0, le=8, strict=True)] = 2


class MetricContract(Record):
    """What a result of the benchmark holds, and nothing else.

    `n_cases_path` is where the cube says how many cases it scored.
    """

    metrics: tuple[MetricSpec, ...] = Field(min_length=1)
    n_cases_path: DottedPath = "n_cases"
    statistics: tuple[StatisticSpec, ...] = ()


class AutoApprovalMode(StrEnum):
    """Whether a rule may stand in for the committee."""

    NEVER = "NEVER"
    ALWAYS = "ALWAYS"
    ALLOWLIST = "ALLOWLIST"


class AutoApproval(Record):
    """A rule for one side of a benchmark; the list holds organisations, and an empty one allows nobody."""

    mode: AutoApprovalMode = AutoApprovalMode.NEVER
    allow: tuple[int, ...] = ()


class Audience(Record):
    """Who sees scores beside the hospital whose they are.

    The model's owner sees those of the own model, participants those of all, the public what was published.
    """

    committee: Flag = True
    model_owner: Flag = False
    participants: Flag = False
    public: Flag = False

    def shows_to(self, *, committee: bool, model_owner: bool, participant: bool) -> bool:
        """Whether somebody who is some of these sees the scores."""
        return (
            (self.committee and committee)
            or (self.model_owner and model_owner)
            or (self.participants and participant)
        )


class SharingPolicy(Record):
    """Who sees the scores of each site, and who those that are pooled over sites."""

    per_site: Audience = Audience()
    pooled: Audience = Audience(model_owner=True, participants=True)


class TwoPeople(Record):
    """Whether the committee decides by two people, neither of them the author, and from where.

    With `organisations` the two must also belong to different organisations beside the committee's.
    """

    required: Flag = False
    organisations: Flag = False


class BenchmarkTerms(Record):
    """What everyone who joins agrees to; changing it asks everyone again.

    With `partial_predictions` a model that fails half-way is judged by what it wrote; its result says so.
    """

    contract: MetricContract
    sharing: SharingPolicy = SharingPolicy()
    partial_predictions: Flag = False
    minimum_sites: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 1
    minimum_coverage: Annotated[float, Field(ge=0, le=1)] = 0.0


class BenchmarkIn(BenchmarkTerms):
    """A benchmark to propose.

    `compatibility` is the report of its test on the public demo data, `compatibility_sha256` that of its canonical JSON.
    """

    name: Name
    description: Text = ""
    docs_url: Url | None = None
    preparator_id: Id
    reference_model_id: Id
    metrics_id: Id
    datasets: AutoApproval = AutoApproval()
    models: AutoApproval = AutoApproval()
    two_people: TwoPeople = TwoPeople()
    demo_dataset_url: Url | None = None
    demo_dataset_sha256: Sha256
    compatibility_sha256: Sha256
    compatibility: dict[str, JsonValue] = Field(default_factory=dict)
    approval_deadline_s: Seconds = 14 * 24 * 3600
    association_deadline_s: Seconds = 14 * 24 * 3600
    cell_deadline_s: Seconds = 7 * 24 * 3600
    state: State = State.DEVELOPMENT
    is_active: Flag = True
    organisation_id: Id | None = None


class BenchmarkStatus(StrEnum):
    """Where a benchmark stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class Benchmark(BenchmarkIn, Revised):
    """A benchmark; `compatible_preparators` are those whose prepared data it takes."""

    id: int
    organisation_id: int
    status: BenchmarkStatus
    approval_id: int
    compatible_preparators: tuple[int, ...]


class BenchmarkChange(Record):
    """What changes; in OPERATION name, cubes, terms and two-people rule are frozen, its metrics cube has its own route."""

    name: Name | None = None
    description: Text | None = None
    docs_url: Url | None = None
    preparator_id: Id | None = None
    reference_model_id: Id | None = None
    contract: MetricContract | None = None
    sharing: SharingPolicy | None = None
    partial_predictions: Flag | None = None
    minimum_sites: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    minimum_coverage: Annotated[float, Field(ge=0, le=1)] | None = None
    datasets: AutoApproval | None = None
    models: AutoApproval | None = None
    two_people: TwoPeople | None = None
    demo_dataset_url: Url | None = None
    demo_dataset_sha256: Sha256 | None = None
    association_deadline_s: Seconds | None = None
    cell_deadline_s: Seconds | None = None
    state: State | None = None
    is_active: Flag | None = None
    is_valid: Flag | None = None


class PreparatorChange(Record):
    """A new revision of the preparator; `is_compatible` says whether data prepared before still counts."""

    preparator_id: Id
    is_compatible: Flag


class MetricsCubeChange(Record):
    """A new version of the benchmark's metrics cube."""

    metrics_id: Id


class AssociationStatus(StrEnum):
    """Where an association stands; history is kept, the latest row of a pair is in force."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"
    WITHDRAWN = "WITHDRAWN"


class AssociationIn(Record):
    """A request to join, of exactly one of `dataset_id` and `model_id`.

    `test_sha256` names the report of the compatibility run.
    """

    benchmark_id: Id
    dataset_id: Id | None = None
    model_id: Id | None = None
    test_sha256: Sha256


class Association(AssociationIn, Revised):
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

    priority: int = Field(ge=-1000, le=1000, strict=True)
