"""The tables. Ids are numbers; documents that are only ever read whole are JSON."""

from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, DateTime, Dialect, UniqueConstraint
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import AssociationStatus, BenchmarkStatus
from rounds.records.datasets import DatasetState
from rounds.records.executions import ExecutionStatus

Document = dict[str, JsonValue]


class Moment(TypeDecorator[datetime]):
    """A moment with its zone, stored in UTC whatever the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """The moment, with UTC named."""
        if value is None or value.tzinfo:
            return value
        return value.replace(tzinfo=UTC)


class Row(SQLModel):
    """What every table has."""

    id: int | None = Field(default=None, primary_key=True)

    @property
    def key(self) -> int:
        """The id of a row that has been flushed."""
        if self.id is None:
            message = "a row has no id before it is flushed"
            raise ValueError(message)
        return self.id


class UserRow(Row, table=True):
    """A person."""

    __tablename__ = "user_account"

    name: str
    email: str = Field(unique=True)
    is_admin: bool = False


class TokenRow(Row, table=True):
    """An API token; its secret is known by its sha256 only."""

    __tablename__ = "token"

    user_id: int = Field(foreign_key="user_account.id", index=True)
    label: str
    sha256: str = Field(unique=True)
    scopes: list[str] = Field(sa_type=JSON)
    site: str | None
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)


class CubeRow(Row, table=True):
    """A cube; `body` is its registration."""

    __tablename__ = "cube"

    owner_id: int = Field(foreign_key="user_account.id", index=True)
    name: str = Field(unique=True)
    kind: str = Field(index=True)
    digest: str = Field(unique=True)
    body: Document = Field(sa_type=JSON)


class BenchmarkRow(Row, table=True):
    """A benchmark; `body` is its proposal, `metrics_id` the metrics cube in force."""

    __tablename__ = "benchmark"

    owner_id: int = Field(foreign_key="user_account.id", index=True)
    name: str = Field(unique=True)
    status: str = BenchmarkStatus.PENDING
    approval_id: int | None = None
    reference_model_id: int = Field(foreign_key="cube.id", index=True)
    metrics_id: int = Field(foreign_key="cube.id")
    body: Document = Field(sa_type=JSON)


class DatasetRow(Row, table=True):
    """A dataset; `body` is its registration, `released_sha256` names what its preparation released."""

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("owner_id", "benchmark_id", "raw_digest"),)

    owner_id: int = Field(foreign_key="user_account.id", index=True)
    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    site: str = Field(index=True)
    raw_digest: str
    state: str = DatasetState.DEVELOPMENT
    prepared_digest: str | None = None
    released_sha256: str | None = None
    statistics: dict[str, float | None] = Field(default_factory=dict, sa_type=JSON)
    body: Document = Field(sa_type=JSON)


class AssociationRow(Row, table=True):
    """A request to join and what became of it; rows are kept, the latest of a pair is in force."""

    __tablename__ = "association"

    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    dataset_id: int | None = Field(foreign_key="dataset.id", index=True)
    model_id: int | None = Field(foreign_key="cube.id", index=True)
    test_sha256: str
    status: str = AssociationStatus.PENDING
    priority: int = 0
    requested_by: int = Field(foreign_key="user_account.id")
    approval_id: int | None = None


class ExecutionRow(Row, table=True):
    """One attempt at a cell; `lapses` counts the attempts just before it whose lease ran out."""

    __tablename__ = "execution"
    __table_args__ = (UniqueConstraint("benchmark_id", "dataset_id", "model_id", "attempt"),)

    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    dataset_id: int = Field(foreign_key="dataset.id", index=True)
    model_id: int = Field(foreign_key="cube.id", index=True)
    metrics_id: int = Field(foreign_key="cube.id")
    claim_key: str
    attempt: int
    fencing_token: int
    lapses: int = 0
    lease_until: datetime = Field(sa_type=Moment, index=True)
    status: str = Field(default=ExecutionStatus.CLAIMED, index=True)
    code: str | None = None
    sha256: str | None = None
    inputs: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class ResultRow(Row, table=True):
    """What an execution released. Never changed."""

    __tablename__ = "result"

    execution_id: int = Field(foreign_key="execution.id", unique=True)
    approval_id: int = Field(foreign_key="approval.id")
    sha256: str
    metrics: Document = Field(sa_type=JSON)
    n_cases: int
    received_at: datetime = Field(sa_type=Moment)


class ApprovalRow(Row, table=True):
    """A decision to be made or made.

    `benchmark_id`, `dataset_id` and `model_id` say whom it concerns; `is_open` is true while it is
    PENDING or GRANTED for something not yet used.
    """

    __tablename__ = "approval"

    kind: str = Field(index=True)
    subject_id: int
    benchmark_id: int | None = Field(default=None, foreign_key="benchmark.id", index=True)
    dataset_id: int | None = Field(default=None, foreign_key="dataset.id", index=True)
    model_id: int | None = Field(default=None, foreign_key="cube.id", index=True)
    site: str | None = None
    shown_sha256: str
    items: list[Document] = Field(default_factory=list, sa_type=JSON)
    held_back: list[int] = Field(default_factory=list, sa_type=JSON)
    used: list[int] = Field(default_factory=list, sa_type=JSON)
    status: str = ApprovalStatus.PENDING
    role: str
    requested_by: int = Field(foreign_key="user_account.id")
    decided_by: int | None = Field(default=None, foreign_key="user_account.id")
    rule: str | None = None
    reason: str = ""
    deadline: datetime = Field(sa_type=Moment, index=True)
    is_open: bool = Field(default=True, index=True)
    suspended: bool = False
    flow_run_id: str | None = None


class CodeRow(Row, table=True):
    """A one-time code, known by its sha256, that carries one person's decision on one approval."""

    __tablename__ = "decision_code"

    sha256: str = Field(unique=True)
    approval_id: int = Field(foreign_key="approval.id")
    user_id: int = Field(foreign_key="user_account.id")
    decision: Document = Field(sa_type=JSON)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class AuditRow(Row, table=True):
    """One write."""

    __tablename__ = "audit"

    at: datetime = Field(sa_type=Moment)
    user_id: int | None
    token_label: str
    action: str
    subject: str
    before_sha256: str | None
    after_sha256: str | None


class OutboxRow(Row, table=True):
    """Something Prefect is to be told; `status` is waiting, delivered, gone or dead."""

    __tablename__ = "outbox"

    kind: str
    subject: str
    body: Document = Field(sa_type=JSON)
    status: str = Field(default="waiting", index=True)
    failures: int = 0
    last_answer: str = ""
    due_at: datetime = Field(sa_type=Moment)
