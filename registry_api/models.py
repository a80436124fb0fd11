"""The tables. Ids are numbers; documents that are only ever read whole are JSON."""

from datetime import UTC, datetime
from typing import ClassVar

from pydantic import JsonValue
from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import AssociationStatus, BenchmarkStatus
from rounds.records.cubes import State
from rounds.records.executions import ExecutionStatus, ResultStatus
from rounds.records.people import Role, TokenKind
from rounds.records.service import NoticeStatus

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
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


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


class Entity(Row):
    """What every row has that the audit log follows; `UNAUDITED` columns are liveness, not state."""

    UNAUDITED: ClassVar[frozenset[str]] = frozenset()

    is_valid: bool = True
    revision: int = 1


class UserRow(Entity, table=True):
    """A person. A one-time code's step is remembered, so that no code is good twice."""

    UNAUDITED: ClassVar[frozenset[str]] = frozenset({"totp_step"})
    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    name: str
    email: str = Field(unique=True)
    is_admin: bool = False
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    password_hash: str | None = None
    totp_secret: str | None = None
    totp_candidate: str | None = None
    totp_step: int | None = None
    issuer: str | None = None
    subject: str | None = None


class OrganisationRow(Entity, table=True):
    """An organisation; `name_key` is what its name must differ in, None for somebody's own of one."""

    __tablename__ = "organisation"

    name: str
    name_key: str | None = Field(unique=True)
    second_factor: bool = False
    is_personal: bool = False


class MemberRow(Entity, table=True):
    """Somebody's place in an organisation, offered by e-mail; `user_id` once accepted."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    organisation_id: int = Field(foreign_key="organisation.id")
    email: str = Field(index=True)
    role: str = Role.MEMBER
    user_id: int | None = Field(default=None, foreign_key="user_account.id", index=True)


class TokenRow(Entity, table=True):
    """A token; its secret is known by its sha256 only. A session remembers when, and how, one signed in."""

    __tablename__ = "token"

    user_id: int = Field(foreign_key="user_account.id", index=True)
    kind: str = TokenKind.API
    label: str
    sha256: str = Field(unique=True)
    role: str = Role.MEMBER
    site: str | None = None
    expires_at: datetime = Field(sa_type=Moment, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    signed_in_at: datetime | None = Field(default=None, sa_type=Moment)
    second_factor: bool = False


class FailureRow(SQLModel, table=True):
    """Failed sign-ins of one e-mail, known by its sha256 whether an account has it or not."""

    __tablename__ = "sign_in_failure"

    sha256: str = Field(primary_key=True)
    count: int
    last: datetime = Field(sa_type=Moment, index=True)


class CubeRow(Entity, table=True):
    """A cube; `body` is its registration."""

    __tablename__ = "cube"

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str
    name_key: str = Field(unique=True)
    kind: str = Field(index=True)
    state: str = Field(default=State.DEVELOPMENT)
    digest: str = Field(unique=True)
    body: Document = Field(sa_type=JSON)


class BenchmarkRow(Entity, table=True):
    """A benchmark; `body` is its proposal, `metrics_id` the metrics cube in force."""

    __tablename__ = "benchmark"
    __table_args__ = (
        Index(
            "one_pending_benchmark",
            "organisation_id",
            unique=True,
            sqlite_where=text("status = 'PENDING'"),
            postgresql_where=text("status = 'PENDING'"),
        ),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str
    name_key: str = Field(unique=True)
    status: str = BenchmarkStatus.PENDING
    state: str = State.DEVELOPMENT
    is_active: bool = True
    approval_id: int | None = None
    preparator_id: int = Field(foreign_key="cube.id")
    compatible_preparators: list[int] = Field(sa_type=JSON)
    reference_model_id: int = Field(foreign_key="cube.id", index=True)
    metrics_id: int = Field(foreign_key="cube.id")
    body: Document = Field(sa_type=JSON)


class DatasetRow(Entity, table=True):
    """A dataset; `body` is its registration, `released_sha256` names what its preparation released."""

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("organisation_id", "preparator_id", "raw_digest"),
        UniqueConstraint("organisation_id", "prepared_digest"),
    )

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    preparator_id: int = Field(foreign_key="cube.id", index=True)
    site: str = Field(index=True)
    raw_digest: str
    state: str = State.DEVELOPMENT
    prepared_digest: str | None = None
    released_sha256: str | None = None
    statistics: dict[str, float | None] = Field(default_factory=dict, sa_type=JSON)
    progress: Document = Field(default_factory=lambda: {"status": "not_started"}, sa_type=JSON)
    body: Document = Field(sa_type=JSON)


class AssociationRow(Entity, table=True):
    """A request to join and what became of it; rows are kept, the latest of a pair is in force."""

    __tablename__ = "association"
    __table_args__ = (
        Index("association_of_dataset", "benchmark_id", "dataset_id", "status"),
        Index("association_of_model", "benchmark_id", "model_id", "status"),
        *(
            Index(
                f"one_open_association_of_{side}",
                "benchmark_id",
                f"{side}_id",
                unique=True,
                sqlite_where=text("status in ('PENDING', 'APPROVED')"),
                postgresql_where=text("status in ('PENDING', 'APPROVED')"),
            )
            for side in ("dataset", "model")
        ),
    )

    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    dataset_id: int | None = Field(foreign_key="dataset.id", index=True)
    model_id: int | None = Field(foreign_key="cube.id", index=True)
    test_sha256: str
    status: str = AssociationStatus.PENDING
    priority: int = 0
    requested_by: int = Field(foreign_key="user_account.id")
    approval_id: int | None = None


class CellRow(Row, table=True):
    """A benchmark x dataset x model that was ever joined, and its latest attempt.

    Follows from associations, withdrawals and claims, and is written with them. `is_joined` while both
    sides belong to the benchmark and nothing of it is withdrawn.
    """

    __tablename__ = "cell"
    __table_args__ = (
        UniqueConstraint("benchmark_id", "dataset_id", "model_id"),
        Index("cell_order", text("priority DESC"), "model_id", "dataset_id"),
        Index("cell_of_benchmark", "benchmark_id", text("priority DESC"), "model_id", "dataset_id"),
        Index("cell_of_dataset", "dataset_id", text("priority DESC"), "model_id"),
    )

    benchmark_id: int = Field(foreign_key="benchmark.id")
    dataset_id: int = Field(foreign_key="dataset.id")
    model_id: int = Field(foreign_key="cube.id", index=True)
    priority: int = 0
    is_joined: bool = True
    execution_id: int | None = None


class ExecutionRow(Entity, table=True):
    """One attempt at a cell; `lapses` counts the attempts just before it whose lease ran out.

    `is_claimed` says the same as its status, which is in no index: so PostgreSQL can change it in place, and
    those that are submitted beside each other do not come between one another.
    """

    UNAUDITED: ClassVar[frozenset[str]] = frozenset({"lease_until", "is_claimed"})
    __tablename__ = "execution"
    __table_args__ = (
        UniqueConstraint("benchmark_id", "dataset_id", "model_id", "attempt"),
        UniqueConstraint("id", "benchmark_id", "dataset_id", "model_id"),
        CheckConstraint("is_claimed = (status = 'CLAIMED')", name="claimed_is_claimed"),
        Index(
            "execution_claimed",
            "id",
            sqlite_where=text("is_claimed"),
            postgresql_where=text("is_claimed"),
        ),
    )

    benchmark_id: int = Field(foreign_key="benchmark.id")
    dataset_id: int = Field(foreign_key="dataset.id", index=True)
    model_id: int = Field(foreign_key="cube.id", index=True)
    metrics_id: int = Field(foreign_key="cube.id")
    claim_key: str
    attempt: int
    fencing_token: int
    lapses: int = 0
    lease_until: datetime = Field(sa_type=Moment)
    deadline: datetime = Field(sa_type=Moment, index=True)
    status: str = ExecutionStatus.CLAIMED
    is_claimed: bool = True
    code: str | None = None
    crash: Document = Field(default_factory=dict, sa_type=JSON)
    partial: bool = False
    sha256: str | None = None
    inputs: dict[str, str] = Field(default_factory=dict, sa_type=JSON)


class ResultRow(Entity, table=True):
    """What an execution released. Its scores never change; its status says whether they count.

    Its cell is that of its execution: one look of the database's, where a key for each side would be four.
    """

    __tablename__ = "result"
    __table_args__ = (
        ForeignKeyConstraint(
            ("execution_id", "benchmark_id", "dataset_id", "model_id"),
            (
                "execution.id",
                "execution.benchmark_id",
                "execution.dataset_id",
                "execution.model_id",
            ),
        ),
        Index("result_of_cell", "benchmark_id", "dataset_id", "model_id", "status"),
    )

    execution_id: int = Field(unique=True)
    benchmark_id: int
    dataset_id: int = Field(index=True)
    model_id: int = Field(index=True)
    approval_id: int = Field(foreign_key="approval.id")
    sha256: str
    metrics: Document = Field(sa_type=JSON)
    n_cases: int
    partial: bool = False
    status: str = ResultStatus.IN_FORCE
    reason: str = ""
    received_at: datetime = Field(sa_type=Moment, index=True)


class ApprovalRow(Entity, table=True):
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
    status: str = Field(default=ApprovalStatus.PENDING, index=True)
    role: str
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    needed: int = 1
    two_organisations: bool = False
    votes: list[Document] = Field(default_factory=list, sa_type=JSON)
    requested_by: int = Field(foreign_key="user_account.id", index=True)
    decided_by: int | None = Field(default=None, foreign_key="user_account.id")
    rule: str | None = None
    reason: str = ""
    deadline: datetime = Field(sa_type=Moment, index=True)
    is_open: bool = Field(default=True, index=True)
    suspended: bool = False
    flow_run_id: str | None = None


class DelegateRow(Row, table=True):
    """Somebody who may see and decide one approval beside those whose duty it is."""

    __tablename__ = "delegate"
    __table_args__ = (UniqueConstraint("approval_id", "user_id"),)

    approval_id: int = Field(foreign_key="approval.id")
    user_id: int = Field(foreign_key="user_account.id", index=True)


class CodeRow(Entity, table=True):
    """A one-time code, known by its sha256, that carries one person's decision on one approval."""

    __tablename__ = "decision_code"

    sha256: str = Field(unique=True)
    approval_id: int = Field(foreign_key="approval.id")
    user_id: int = Field(foreign_key="user_account.id")
    decision: Document = Field(sa_type=JSON)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class PublicationRow(Entity, table=True):
    """A leaderboard as it was asked to be published, and was once `published_at` says when."""

    __tablename__ = "publication"

    benchmark_id: int = Field(foreign_key="benchmark.id", index=True)
    approval_id: int | None = Field(default=None, foreign_key="approval.id", unique=True)
    sha256: str
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    leaderboard: Document = Field(sa_type=JSON)


class AuditRow(Row, table=True):
    """One write; the sealer gives it its place in the chain."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(
            "audit_unsealed",
            "id",
            sqlite_where=text("position IS NULL"),
            postgresql_where=text("position IS NULL"),
        ),
    )

    at: datetime = Field(sa_type=Moment)
    user_id: int | None
    token_label: str
    action: str
    subject: str = Field(index=True)
    before_sha256: str | None
    after_sha256: str | None
    position: int | None = Field(default=None, unique=True)
    sha256: str | None = None


class OutboxRow(Row, table=True):
    """Something Prefect is to be told."""

    __tablename__ = "outbox"

    kind: str
    subject: str
    body: Document = Field(sa_type=JSON)
    status: str = Field(default=NoticeStatus.WAITING, index=True)
    failures: int = 0
    last_answer: str = ""
    due_at: datetime = Field(sa_type=Moment)


class AnswerRow(SQLModel, table=True):
    """The answer to a request that named an idempotency key; None where it held a secret."""

    __tablename__ = "answer"

    user_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_sha256: str
    status: int
    body: str | None
    at: datetime = Field(sa_type=Moment, index=True)


# Rows that change soon after they were made: beside some room PostgreSQL changes them in place.
_ROOM = DDL("ALTER TABLE %(table)s SET (fillfactor = 80)")  # type: ignore[no-untyped-call]
for _name in ("approval", "cell", "execution"):
    event.listen(
        SQLModel.metadata.tables[_name], "after_create", _ROOM.execute_if(dialect="postgresql")
    )
