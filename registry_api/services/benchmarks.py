"""Benchmarks: proposed by a committee's owner, approved by an administrator."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow
from registry_api.services import approvals, cubes, notices
from registry_api.services.audit import changed, created
from registry_api.services.paging import Window, page
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Benchmark,
    BenchmarkIn,
    BenchmarkStatus,
    MetricContract,
    MetricsCubeChange,
)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The benchmarks that `who` may know of: the approved ones and one's own."""
    if who.is_admin:
        return true()
    approved = col(BenchmarkRow.status) == BenchmarkStatus.APPROVED
    return or_(approved, col(BenchmarkRow.owner_id) == who.user_id)


def propose(session: Session, who: Principal, benchmark: BenchmarkIn) -> Benchmark:
    """A new benchmark, PENDING until an administrator decides.

    Raises:
        NotFound: One of its cubes is not registered.
        InvalidInput: A cube is of the wrong kind, or the contract names a metric twice.
        Conflict: The name is taken, or another benchmark of the same owner is pending.
    """
    cubes.find_kind(session, who, benchmark.preparator_id, CubeKind.PREPARATOR)
    cubes.find_kind(session, who, benchmark.reference_model_id, CubeKind.MODEL)
    cubes.find_kind(session, who, benchmark.metrics_id, CubeKind.METRICS)
    _check_contract(benchmark.contract)
    _check_place(session, who, benchmark)
    body = benchmark.model_dump(mode="json")
    row = BenchmarkRow(
        owner_id=who.user_id,
        name=benchmark.name,
        reference_model_id=benchmark.reference_model_id,
        metrics_id=benchmark.metrics_id,
        body=body,
    )
    created(session, who, "benchmark.propose", row)
    approval = ApprovalRow(
        kind=ApprovalKind.BENCHMARK,
        subject_id=row.key,
        benchmark_id=row.key,
        shown_sha256=sha256_json(body),
        role=approvals.ADMINISTRATOR,
        requested_by=who.user_id,
        deadline=who.at + timedelta(seconds=benchmark.approval_deadline_s),
    )
    approvals.ask(session, who, approval)
    row.approval_id = approval.key
    session.flush()
    return as_benchmark(row)


def list_benchmarks(
    session: Session, who: Principal, window: Window, *, name: str | None = None
) -> Page[Benchmark]:
    """The benchmarks that `who` may know of, or the one of a name."""
    statement = select(BenchmarkRow).where(visible_to(who))
    if name is not None:
        statement = statement.where(BenchmarkRow.name == name)
    return page(session, statement, BenchmarkRow, window=window, read=as_benchmark)


def find(session: Session, who: Principal, benchmark_id: int) -> BenchmarkRow:
    """A benchmark.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(BenchmarkRow).where(BenchmarkRow.id == benchmark_id)
    row = session.exec(statement.where(visible_to(who))).first()
    if row is None:
        raise NotFound(f"found no benchmark {benchmark_id} that you may know of; check the id")
    return row


def change_metrics(
    session: Session, who: Principal, benchmark_id: int, change: MetricsCubeChange
) -> Benchmark:
    """The benchmark with a new metrics cube; results of the old one become outstanding again.

    Raises:
        NotFound: There is no such benchmark or cube.
        Forbidden: The benchmark is somebody else's.
        InvalidInput: The cube is no metrics cube.
        Conflict: The benchmark is not approved.
    """
    row = find(session, who, benchmark_id)
    if row.owner_id != who.user_id:
        raise Forbidden(f"benchmark {benchmark_id} is somebody else's, needed its owner")
    need_approved(row)
    cube = cubes.find_kind(session, who, change.metrics_id, CubeKind.METRICS)
    if row.metrics_id == cube.key:
        return as_benchmark(row)
    with changed(session, who, "benchmark.metrics", row):
        row.metrics_id = cube.key
    notices.metrics_changed(session, row, who.at)
    return as_benchmark(row)


def need_approved(row: BenchmarkRow) -> None:
    """Pass if the benchmark is approved.

    Raises:
        Conflict: It is not.
    """
    if row.status != BenchmarkStatus.APPROVED:
        raise Conflict(f"benchmark {row.key} is {row.status}, needed APPROVED; see its approval")


def proposal_of(row: BenchmarkRow) -> BenchmarkIn:
    """What was proposed."""
    return BenchmarkIn.model_validate(row.body)


def contract_of(row: BenchmarkRow) -> MetricContract:
    """The metric contract of a benchmark."""
    return proposal_of(row).contract


def as_benchmark(row: BenchmarkRow) -> Benchmark:
    """The record of a row."""
    own = row.model_dump(include={"id", "owner_id", "status", "approval_id", "metrics_id"})
    return Benchmark.model_validate({**row.body, **own})


def _check_contract(contract: MetricContract) -> None:
    for specs in (contract.metrics, contract.statistics):
        names = [spec.name for spec in specs]
        if len(names) != len(set(names)):
            raise InvalidInput("the contract names something twice, needed each name once")


def _check_place(session: Session, who: Principal, benchmark: BenchmarkIn) -> None:
    named = select(BenchmarkRow.id).where(BenchmarkRow.name == benchmark.name)
    if session.exec(named).first() is not None:
        raise Conflict(f"a benchmark named {benchmark.name} is there, needed a new name")
    pending = session.exec(
        select(BenchmarkRow.id)
        .where(BenchmarkRow.owner_id == who.user_id)
        .where(BenchmarkRow.status == BenchmarkStatus.PENDING)
    ).first()
    if pending is not None:
        message = f"your benchmark {pending} is still pending; wait for its decision"
        raise Conflict(message)
