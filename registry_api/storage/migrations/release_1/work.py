"""What was decided and done, in the first release."""

from sqlalchemy import Connection, RowMapping, String, cast, delete, literal, select

from registry_api.storage.migrations.moving import Before, Filling, Row, carried
from registry_api.storage.migrations.release_1.people import Owners
from registry_api.storage.migrations.release_1.registrations import document_of
from registry_api.storage.migrations.release_1.tables import (
    APPROVALS,
    AUDIT,
    CODES,
    EXECUTIONS,
    OUTBOX,
    RESULTS,
)
from registry_api.storage.migrations.release_1.withdrawn import approval_status, sides
from rounds.digests import sha256_json

UNKNOWN = "publication"
CUBES_OF_BENCHMARK = ("preparator_id", "reference_model_id", "metrics_id")
GONE_BACK = "the registry went back to its first release"
FINAL = frozenset({"EXPIRED", "REVOKED"})


def fillings(before: Before, owners: Owners) -> tuple[Filling, ...]:
    """Executions, approvals, results, one-time codes, and the audit log without its seals.

    A result that was withdrawn is kept, its execution HELD_BACK, so that nobody is shown it.
    """
    approvals, codes = before["approval"], before["decision_code"]
    benchmarks, associations = before["benchmark"], before["association"]
    concerned = (
        sides(before, approvals)
        .add_columns(
            benchmarks.c.body,
            *(benchmarks.c[name] for name in CUBES_OF_BENCHMARK),
            associations.c.test_sha256,
        )
        .outerjoin(associations, associations.c.approval_id == approvals.c.id)
        .where(approvals.c.kind != UNKNOWN)
    )
    known = select(codes).join(approvals, approvals.c.id == codes.c.approval_id)
    return (
        Filling(table=EXECUTIONS, source=select(before["execution"]), make=_execution),
        Filling(table=APPROVALS, source=concerned, make=lambda row: _approval(row, owners)),
        Filling(
            table=RESULTS,
            source=select(before["result"]),
            make=lambda row: carried(row, RESULTS),
        ),
        Filling(
            table=CODES,
            source=known.where(approvals.c.kind != UNKNOWN),
            make=lambda row: carried(row, CODES),
        ),
        Filling(
            table=AUDIT,
            source=select(before["audit"]),
            make=lambda row: carried(row, AUDIT),
        ),
    )


def forget_notices(connection: Connection, before: Before) -> None:
    """Delete from the outbox what Prefect was to be told of publications."""
    approvals = before["approval"]
    subject = literal("approval/") + cast(approvals.c.id, String)
    unknown = select(subject).where(approvals.c.kind == UNKNOWN)
    connection.execute(delete(OUTBOX).where(OUTBOX.c.subject.in_(unknown)))


def _execution(row: RowMapping) -> Row:
    withdrawn = row["status"] == "WITHDRAWN"
    return carried(row, EXECUTIONS, status="HELD_BACK" if withdrawn else row["status"])


def _approval(row: RowMapping, owners: Owners) -> Row:
    status = approval_status(row)
    ended = status != row["status"] and status in FINAL
    return carried(
        row,
        APPROVALS,
        status=status,
        shown_sha256=_shown(row, owners),
        is_open=row["is_open"] and not ended,
        reason=GONE_BACK if ended else row["reason"],
    )


def _shown(row: RowMapping, owners: Owners) -> str:
    """The sha256 of what is to be decided; what was decided keeps that of what was shown then."""
    if row["status"] == "PENDING" and row["kind"] == "benchmark":
        return sha256_json(document_of(row, owners))
    if row["status"] == "PENDING" and row["kind"] == "association":
        asked = ("benchmark_id", "dataset_id", "model_id", "test_sha256")
        return sha256_json({name: row[name] for name in asked})
    return str(row["shown_sha256"])
