"""What was decided and done, in the second release."""

from datetime import timedelta

from sqlalchemy import RowMapping, Select, and_, select

from registry_api.storage.migrations.moving import Before, Filling, Row, carried
from registry_api.storage.migrations.release_2.parties import CODES
from registry_api.storage.migrations.release_2.people import FOLLOWED
from registry_api.storage.migrations.release_2.registrations import CELL_S
from registry_api.storage.migrations.release_2.tables import (
    APPROVALS,
    ASSOCIATIONS,
    AUDIT,
    BENCHMARKS,
    CUBES,
    DATASETS,
    EXECUTIONS,
    RESULTS,
)
from rounds.digests import sha256_json

# A result counts while its execution is SUBMITTED. Whatever else it is, but superseded, it was taken back.
RESULT_AFTER = {"SUBMITTED": "IN_FORCE", "SUPERSEDED": "SUPERSEDED"}
NOT_SHOWN = "approval_deadline_s"
TERMS = ("contract", "sharing", "partial_predictions", "minimum_sites", "minimum_coverage")
NEW_IN_EXECUTIONS: Row = {"crash": {}, "partial": False}


def audit(before: Before) -> Filling:
    """The audit log so far, which the sealer seals in time."""
    return Filling(
        table=AUDIT,
        source=select(before["audit"]),
        make=lambda row: carried(row, AUDIT, position=None, sha256=None),
    )


def fillings(before: Before) -> tuple[Filling, ...]:
    """Executions, approvals, results and one-time codes."""
    results, executions = before["result"], before["execution"]
    scored = select(
        results,
        *(executions.c[name] for name in ("benchmark_id", "dataset_id", "model_id")),
        executions.c.status.label("execution_status"),
    ).join(executions, executions.c.id == results.c.execution_id)
    return (
        Filling(table=EXECUTIONS, source=select(executions), make=_execution),
        Filling(table=APPROVALS, source=_concerned(before), make=_approval),
        Filling(table=RESULTS, source=scored, make=_result),
        Filling(
            table=CODES,
            source=select(before["decision_code"]),
            make=lambda row: carried(row, CODES, **FOLLOWED),
        ),
    )


def _execution(row: RowMapping) -> Row:
    deadline = row["lease_until"] + timedelta(seconds=CELL_S)
    is_claimed = row["status"] == "CLAIMED"
    new = {**FOLLOWED, **NEW_IN_EXECUTIONS, "deadline": deadline, "is_claimed": is_claimed}
    return carried(row, EXECUTIONS, **new)


def _result(row: RowMapping) -> Row:
    status = RESULT_AFTER.get(row["execution_status"], "WITHDRAWN")
    return carried(row, RESULTS, **FOLLOWED, partial=False, status=status, reason="")


def _concerned(before: Before) -> Select[tuple[object, ...]]:
    """The approvals with whom they concern, and what is to be decided, as those are by now."""
    approvals = before["approval"]
    asks = and_(ASSOCIATIONS.c.id == approvals.c.subject_id, approvals.c.kind == "association")
    return (
        select(
            approvals,
            BENCHMARKS.c.organisation_id.label("committee"),
            DATASETS.c.organisation_id.label("data owner"),
            CUBES.c.organisation_id.label("model owner"),
            BENCHMARKS.c.body,
            *(BENCHMARKS.c[name] for name in ("preparator_id", "reference_model_id", "metrics_id")),
            ASSOCIATIONS.c.test_sha256,
        )
        .outerjoin(BENCHMARKS, BENCHMARKS.c.id == approvals.c.benchmark_id)
        .outerjoin(DATASETS, DATASETS.c.id == approvals.c.dataset_id)
        .outerjoin(CUBES, CUBES.c.id == approvals.c.model_id)
        .outerjoin(ASSOCIATIONS, asks)
    )


def _approval(row: RowMapping) -> Row:
    role = row["role"]
    return carried(
        row,
        APPROVALS,
        **FOLLOWED,
        shown_sha256=_shown(row),
        organisation_id=None if role == "administrator" else row[role],
        needed=1,
        two_organisations=False,
        votes=[],
    )


def _shown(row: RowMapping) -> str:
    """The sha256 of what is to be decided; what was decided keeps that of what was shown then."""
    body = row["body"]
    if row["status"] == "PENDING" and row["kind"] == "benchmark":
        shown = {name: value for name, value in body.items() if name != NOT_SHOWN}
        cubes = ("preparator_id", "reference_model_id", "metrics_id")
        return sha256_json(shown | {name: row[name] for name in cubes})
    if row["status"] == "PENDING" and row["kind"] == "association":
        asked = ("benchmark_id", "dataset_id", "model_id", "test_sha256")
        request = {name: row[name] for name in asked}
        return sha256_json({"request": request, "terms": {name: body[name] for name in TERMS}})
    return str(row["shown_sha256"])
