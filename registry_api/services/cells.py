"""Cells: every dataset x model that belongs to a benchmark, and where each stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, or_, true
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    BenchmarkRow,
    CellRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    ResultRow,
)
from registry_api.services import benchmarks
from registry_api.services.outcomes import unused
from registry_api.services.paging import Window
from registry_api.services.reach import own_benchmarks, own_datasets, own_models, takes_part
from registry_api.services.standing import Scene, standing_of
from rounds.errors import InvalidInput
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import SharingPolicy
from rounds.records.executions import Cell, ExecutionStatus, MetricValue, ResultStatus

CellKey = tuple[int, int, int]
Found = tuple[CellRow, BenchmarkRow, DatasetRow, CubeRow, ExecutionRow | None, ResultRow | None]
Selected = tuple[CellRow, BenchmarkRow, DatasetRow, CubeRow, ExecutionRow, ResultRow]
Keys = SelectOfScalar[int | None]
Q = TypeVar("Q", Select[Selected], Keys)
BY_PRIORITY = "priority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cells are wanted; None is any."""

    benchmark_id: int | None = None
    dataset_id: int | None = None
    model_id: int | None = None
    site: str | None = None
    status: ExecutionStatus | None = None


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The cells that `who` may know of: committee, data owner, model owner, administrator."""
    if who.is_admin:
        return true()
    return or_(
        col(CellRow.dataset_id).in_(own_datasets(who)),
        col(CellRow.benchmark_id).in_(own_benchmarks(who)),
        col(CellRow.model_id).in_(own_models(who)),
    )


def list_cells(session: Session, who: Principal, window: Window, wanted: Filter) -> Page[Cell]:
    """The cells that `who` may know of, the highest priority first, then by model and dataset.

    Raises:
        InvalidInput: Another order is asked for.
    """
    if window.order not in {"id", BY_PRIORITY}:
        raise InvalidInput(f"found another order, needed {BY_PRIORITY}: cells have no other")
    keys = _narrowed(select(col(CellRow.id)).where(col(CellRow.is_joined)), wanted).where(
        visible_to(who)
    )
    total = session.exec(select(func.count()).select_from(keys.subquery())).one()
    part = _ordered(keys).limit(window.limit).offset(window.offset)
    found = _rows(session, _whole(session.exec(part).all())) if total else []
    return Page(total=total, items=_cells(session, found, who.at, who=who))


def list_of_benchmark(
    session: Session, who: Principal, window: Window, benchmark_id: int, *, wanted: Filter
) -> Page[Cell]:
    """A benchmark's `wanted` cells that `who` may know of.

    Raises:
        NotFound: There is no such benchmark that `who` may know of.
    """
    benchmarks.find(session, who, benchmark_id)
    return list_cells(session, who, window, replace(wanted, benchmark_id=benchmark_id))


def all_of_benchmark(session: Session, benchmark_id: int, now: datetime) -> list[Cell]:
    """Every cell of a benchmark with its scores, whoever asks."""
    statement = _parts().where(col(CellRow.benchmark_id) == benchmark_id)
    statement = statement.where(col(CellRow.is_joined))
    return _cells(session, _rows(session, _ordered(statement)), now, who=None)


def find(session: Session, key: CellKey) -> CellRow | None:
    """A cell, if its dataset and its model ever belonged to the benchmark."""
    benchmark_id, dataset_id, model_id = key
    return session.exec(
        select(CellRow)
        .where(CellRow.benchmark_id == benchmark_id)
        .where(CellRow.dataset_id == dataset_id)
        .where(CellRow.model_id == model_id)
    ).first()


def awaited(session: Session, dataset_ids: Iterable[int]) -> frozenset[int]:
    """The executions of these datasets that are under a live release approval."""
    rows = session.exec(
        select(ApprovalRow)
        .where(ApprovalRow.kind == ApprovalKind.RESULTS)
        .where(ApprovalRow.is_open)
        .where(col(ApprovalRow.dataset_id).in_(set(dataset_ids)))
    )
    return frozenset(subject for row in rows for subject in unused(row))


def _narrowed(keys: Keys, wanted: Filter) -> Keys:
    columns = {"benchmark_id": wanted.benchmark_id, "dataset_id": wanted.dataset_id}
    columns |= {"model_id": wanted.model_id}
    keys = keys.filter_by(**{name: key for name, key in columns.items() if key is not None})
    if wanted.site is not None:
        there = select(DatasetRow.id).where(DatasetRow.site == wanted.site)
        keys = keys.where(col(CellRow.dataset_id).in_(there))
    if wanted.status is not None:
        standing = select(ExecutionRow.id).where(ExecutionRow.status == wanted.status)
        keys = keys.where(col(CellRow.execution_id).in_(standing))
    return keys


def _whole(keys: Sequence[int | None]) -> Select[Selected]:
    """The cells of these keys with all that is shown of them."""
    return _ordered(_parts().where(col(CellRow.id).in_(keys)))


def _parts() -> Select[Selected]:
    return (
        select_rows(CellRow, BenchmarkRow, DatasetRow, CubeRow, ExecutionRow, ResultRow)
        .join(BenchmarkRow, col(CellRow.benchmark_id) == col(BenchmarkRow.id))
        .join(DatasetRow, col(CellRow.dataset_id) == col(DatasetRow.id))
        .join(CubeRow, col(CellRow.model_id) == col(CubeRow.id))
        .outerjoin(ExecutionRow, col(CellRow.execution_id) == col(ExecutionRow.id))
        .outerjoin(ResultRow, col(ResultRow.execution_id) == col(CellRow.execution_id))
    )


def _rows(session: Session, statement: Select[Selected]) -> list[Found]:
    return [(*row[:4], row[4], row[5]) for row in session.execute(statement).tuples()]


def _ordered(statement: Q) -> Q:
    return statement.order_by(
        col(CellRow.priority).desc(), col(CellRow.model_id), col(CellRow.dataset_id)
    )


def _cells(
    session: Session, rows: list[Found], now: datetime, *, who: Principal | None
) -> list[Cell]:
    scored = {
        cell.dataset_id
        for cell, *_, execution, _ in rows
        if execution is not None and execution.status == ExecutionStatus.SCORED
    }
    live = awaited(session, scored) if scored else frozenset()
    seen = {row[0].key for row in rows} if who is None else _seen(session, who, rows)
    return [
        _cell(
            row,
            Scene(metrics_id=row[1].metrics_id, awaited=live, now=now),
            shown=row[0].key in seen,
        )
        for row in rows
    ]


def _cell(found: Found, scene: Scene, *, shown: bool) -> Cell:
    cell, benchmark, dataset, model, execution, result = found
    standing = standing_of(execution, scene)
    shown = shown and result is not None and result.status == ResultStatus.IN_FORCE
    metrics = result.metrics if result is not None and shown else {}
    return Cell(
        benchmark_id=benchmark.key,
        dataset_id=dataset.key,
        model_id=model.key,
        site=dataset.site,
        model=model.name,
        priority=cell.priority,
        outstanding=standing.outstanding,
        runnable=standing.runnable,
        execution_id=execution.key if execution else None,
        attempt=execution.attempt if execution else 0,
        status=ExecutionStatus(execution.status) if execution else None,
        reason=standing.reason,
        n_cases=result.n_cases if result is not None and shown else None,
        metrics={name: MetricValue.model_validate(value) for name, value in metrics.items()},
    )


def _seen(session: Session, who: Principal, rows: Iterable[Found]) -> set[int]:
    """The cells among `rows` whose scores the sharing policy shows to `who`."""
    part = select(BenchmarkRow.id).where(takes_part(who, col(BenchmarkRow.id)))
    part_of = set(session.exec(part).all())
    seen = set()
    for cell, benchmark, dataset, model, *_ in rows:
        policy = SharingPolicy.model_validate(benchmark.body["sharing"]).per_site
        shared = (
            (policy.committee and benchmark.organisation_id in who.roles)
            or (policy.model_owner and model.organisation_id in who.roles)
            or (policy.participants and benchmark.key in part_of)
        )
        own = who.is_admin or dataset.organisation_id in who.roles
        if own or (shared and who.site is None):
            seen.add(cell.key)
    return seen
