"""Benchmarks: proposed by a committee, approved by an administrator; whom their terms bind agreed to them."""

from datetime import timedelta
from functools import partial

from pydantic import JsonValue
from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow, CubeRow, Document
from registry_api.services import approvals, cubes, organisations
from registry_api.services.audit import created
from registry_api.services.names import check_document, check_texts, checked_key
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import delegated, takes_part
from rounds.digests import sha256_json
from rounds.errors import Conflict, InvalidInput
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Benchmark,
    BenchmarkIn,
    BenchmarkStatus,
    MetricContract,
)
from rounds.records.cubes import State
from rounds.records.shown import benchmark_document
from rounds.rehearsals import is_rehearsal

SORTABLE = ("id", "name", "status", "state")
OWN = ("id", "organisation_id", "status", "state", "is_active", "approval_id", "compatible_preparators",
       "preparator_id", "reference_model_id", "metrics_id", "is_valid", "revision")  # fmt: skip
PROPOSED = ("preparator_id", "reference_model_id", "metrics_id", "state", "is_active")


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The benchmarks that `who` may know of: the approved ones, those one is in, one's own, or delegated."""
    if who.is_admin:
        return true()
    approved = col(BenchmarkRow.status) == BenchmarkStatus.APPROVED
    part = takes_part(who, col(BenchmarkRow.id))
    if who.site is not None:
        return or_(approved, part)
    return or_(
        approved,
        part,
        col(BenchmarkRow.organisation_id).in_(who.organisations),
        col(BenchmarkRow.id).in_(delegated(who, ApprovalKind.BENCHMARK)),
    )


def propose(session: Session, who: Principal, benchmark: BenchmarkIn) -> Benchmark:
    """A new benchmark, PENDING until an administrator decides.

    Raises:
        NotFound: One of its cubes, or its organisation, is none that `who` may know of.
        InvalidInput: A cube is of the wrong kind, the contract names a metric twice, or the report of the
            compatibility test has another sha256.
        Conflict: The name is taken, another benchmark of the same organisation is pending, or it would be
            in OPERATION with a cube in DEVELOPMENT.
    """
    owner = organisations.owner_of(session, who, benchmark.organisation_id)
    check_texts(benchmark)
    _check_report(benchmark)
    check_parts(session, who, benchmark)
    key = free_key(session, benchmark.name)
    _check_none_pending(session, owner)
    row = BenchmarkRow(
        organisation_id=owner,
        name=benchmark.name,
        name_key=key,
        state=benchmark.state,
        is_active=benchmark.is_active,
        preparator_id=benchmark.preparator_id,
        compatible_preparators=[benchmark.preparator_id],
        reference_model_id=benchmark.reference_model_id,
        metrics_id=benchmark.metrics_id,
        body=body_of(benchmark),
    )
    created(session, who, "benchmark.propose", row)
    ask_approval(session, who, row)
    return as_benchmark(row)


def ask_approval(session: Session, who: Principal, row: BenchmarkRow) -> None:
    """Have an administrator decide on a benchmark as it is now."""
    approval = ApprovalRow(
        kind=ApprovalKind.BENCHMARK,
        subject_id=row.key,
        benchmark_id=row.key,
        shown_sha256=sha256_json(benchmark_document(proposal_of(row))),
        role=approvals.ADMINISTRATOR,
        requested_by=who.user_id,
        deadline=who.at + timedelta(seconds=proposal_of(row).approval_deadline_s),
    )
    approvals.ask(session, who, approval, about=row)


def list_benchmarks(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Benchmark]:
    """The benchmarks that `who` may know of whose columns have the `wanted` values."""
    return page(
        session,
        select(BenchmarkRow).where(visible_to(who)),
        BenchmarkRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=partial(_as_seen, who),
    )


def read(session: Session, who: Principal, benchmark_id: int) -> Benchmark:
    """One benchmark."""
    return _as_seen(who, find(session, who, benchmark_id))


def find(session: Session, who: Principal, benchmark_id: int) -> BenchmarkRow:
    """A benchmark.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, BenchmarkRow, benchmark_id, visible_to(who), "benchmark")


def need_approved(row: BenchmarkRow) -> None:
    """Pass if the benchmark is approved, valid and takes part.

    Raises:
        Conflict: It is not.
    """
    if row.status != BenchmarkStatus.APPROVED:
        raise Conflict(f"benchmark {row.key} is {row.status}, needed APPROVED; see its approval")
    if not (row.is_valid and row.is_active):
        found = "withdrawn" if not row.is_valid else "inactive"
        raise Conflict(
            f"benchmark {row.key} is {found}, needed one that goes on; ask its committee"
        )


def proposal_of(row: BenchmarkRow) -> BenchmarkIn:
    """What was proposed, as it was changed since."""
    return BenchmarkIn.model_validate(row.body | {name: getattr(row, name) for name in PROPOSED})


def contract_of(body: Document) -> MetricContract:
    """The metric contract of a benchmark's body."""
    return MetricContract.model_validate(body["contract"])


def body_of(benchmark: BenchmarkIn) -> dict[str, JsonValue]:
    """What a row holds of a proposal as one document."""
    kept = set(OWN) | {"organisation_id"}
    body: dict[str, JsonValue] = benchmark.model_dump(mode="json", exclude=kept)
    return body


def as_benchmark(row: BenchmarkRow) -> Benchmark:
    """The record of a row."""
    return Benchmark.model_validate(row.body | {name: getattr(row, name) for name in OWN})


def free_key(session: Session, name: str, *, but: int | None = None) -> str:
    """What the name must differ in from every other benchmark's.

    Raises:
        Conflict: It is taken.
    """
    key = checked_key(name)
    taken = session.exec(select(BenchmarkRow).where(BenchmarkRow.name_key == key)).first()
    if taken is not None and taken.id != but:
        raise Conflict("a benchmark of that name, or one that looks the same, is there already")
    return key


def check_parts(session: Session, who: Principal, benchmark: BenchmarkIn) -> None:
    """Pass if a benchmark's cubes and its contract are whole.

    Raises:
        NotFound: A cube is none that `who` may know of.
        InvalidInput: A cube is of the wrong kind, or the contract names something twice.
        Conflict: A cube was withdrawn, or is in DEVELOPMENT while the benchmark would be in OPERATION.
    """
    parts: list[CubeRow] = [
        cubes.find_kind(session, who, benchmark.preparator_id, CubeKind.PREPARATOR),
        cubes.find_kind(session, who, benchmark.reference_model_id, CubeKind.MODEL),
        cubes.find_kind(session, who, benchmark.metrics_id, CubeKind.METRICS),
    ]
    if benchmark.state is State.OPERATION:
        for part in parts:
            cubes.need_operation(part)
    for specs in (benchmark.contract.metrics, benchmark.contract.statistics):
        names = [spec.name for spec in specs]
        if len(names) != len(set(names)):
            raise InvalidInput("the contract names something twice, needed each name once")


def _as_seen(who: Principal, row: BenchmarkRow) -> Benchmark:
    """The record of a row; others than its committee see of its allow-lists whether they are on them."""
    whole = as_benchmark(row)
    if who.is_admin or (who.site is None and row.organisation_id in who.roles):
        return whole
    lists = {"datasets": whole.datasets, "models": whole.models}
    own = {
        side: auto.model_copy(update={"allow": tuple(who.roles.keys() & set(auto.allow))})
        for side, auto in lists.items()
    }
    return whole.model_copy(update=own)


def _check_report(benchmark: BenchmarkIn) -> None:
    report = benchmark.compatibility
    check_document(report, field="compatibility")
    if is_rehearsal(report):
        message = "found the report of a rehearsal with local cubes, needed that of a test"
        raise InvalidInput(message)
    if report and sha256_json(report) != benchmark.compatibility_sha256:
        message = "compatibility_sha256 is not that of the compatibility report, needed it to be"
        raise InvalidInput(message)


def _check_none_pending(session: Session, owner: int) -> None:
    pending = session.exec(
        select(BenchmarkRow.id)
        .where(BenchmarkRow.organisation_id == owner)
        .where(BenchmarkRow.status == BenchmarkStatus.PENDING)
    ).first()
    if pending is not None:
        message = f"your benchmark {pending} is still pending; wait for its decision"
        raise Conflict(message)
