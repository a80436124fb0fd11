"""Cells: every dataset x model that belongs to a benchmark, and where each stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import JSON, ColumnElement, Select, or_, true, type_coerce
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
    Document,
    ExecutionRow,
    ResultRow,
)
from registry_api.services import benchmarks
from registry_api.services.outcomes import unused
from registry_api.services.paging import Wanted, Window, look
from registry_api.services.reach import own_benchmarks, own_datasets, own_models, takes_part
from registry_api.services.standing import Scene, standing_of
from rounds.errors import InvalidInput
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import Audience
from rounds.records.crashes import Crash
from rounds.records.executions import Cell, ExecutionStatus, MetricValue, ResultStatus

CellKey = tuple[int, int, int]
Keys = SelectOfScalar[int | None]
Q = TypeVar("Q", Select[Any], Keys)
DEFAULT = "-priority"
# What comes after what, and whether downwards; an order by another column goes before these.
STANDARD = (("priority", True), ("model_id", False), ("dataset_id", False), ("id", False))
SORTABLE = ("priority", "benchmark_id", "dataset_id", "model_id")


class Found(NamedTuple):
    """What is shown of a cell, and what says to whom: the organisations of its three sides, and the policy."""

    cell: CellRow
    execution: ExecutionRow | None
    site: str
    model: str
    metrics_id: int
    data_owner_id: int
    model_owner_id: int
    committee_id: int
    per_site: Document
    result: ResultStatus | None
    n_cases: int | None
    metrics: Document | None


# Built once, as is who asks: what is shown of a cell, in `Found`'s order.
PARTS: Select[Any] = (
    select_rows(
        CellRow,
        ExecutionRow,
        col(DatasetRow.site),
        col(CubeRow.name),
        col(BenchmarkRow.metrics_id),
        col(DatasetRow.organisation_id),
        col(CubeRow.organisation_id),
        col(BenchmarkRow.organisation_id),
        type_coerce(col(BenchmarkRow.body), JSON)[("sharing", "per_site")],
        col(ResultRow.status),
        col(ResultRow.n_cases),
        col(ResultRow.metrics),
    )
    .select_from(CellRow)
    .join(BenchmarkRow, col(CellRow.benchmark_id) == col(BenchmarkRow.id))
    .join(DatasetRow, col(CellRow.dataset_id) == col(DatasetRow.id))
    .join(CubeRow, col(CellRow.model_id) == col(CubeRow.id))
    .outerjoin(ExecutionRow, col(CellRow.execution_id) == col(ExecutionRow.id))
    .outerjoin(ResultRow, col(ResultRow.execution_id) == col(CellRow.execution_id))
)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The cells that `who` may know of: committee, data owner, model owner, administrator."""
    if who.is_admin:
        return true()
    return or_(
        col(CellRow.dataset_id).in_(own_datasets(who)),
        col(CellRow.benchmark_id).in_(own_benchmarks(who)),
        col(CellRow.model_id).in_(own_models(who)),
    )


def list_cells(session: Session, who: Principal, window: Window, *, wanted: Wanted) -> Page[Cell]:
    """The cells that `who` may know of; if no order is asked for, the highest priority comes first.

    Raises:
        InvalidInput: The list is not ordered by that field.
    """
    order = DEFAULT if window.order == "id" else window.order
    seen = select(col(CellRow.id)).where(col(CellRow.is_joined)).where(visible_to(who))
    keys = _narrowed(seen, wanted)
    limit, offset = window.span
    here = _ordered(keys, order).limit(limit).offset(offset).subquery()
    part = _ordered(PARTS.join(here, here.c.id == col(CellRow.id)), order)
    total, rows = look(session, part, keys.with_only_columns(func.count()), window)
    found = [Found(*row[:-1]) for row in rows]
    return Page(total=total, items=_cells(session, found, who.at, who=who))


def list_of_benchmark(
    session: Session, who: Principal, window: Window, benchmark_id: int, *, wanted: Wanted
) -> Page[Cell]:
    """A benchmark's `wanted` cells that `who` may know of.

    Raises:
        NotFound: There is no such benchmark that `who` may know of.
    """
    benchmarks.find(session, who, benchmark_id)
    return list_cells(session, who, window, wanted={**wanted, "benchmark_id": benchmark_id})


def all_of_benchmark(session: Session, benchmark_id: int, now: datetime) -> list[Cell]:
    """Every cell of a benchmark with its scores, whoever asks."""
    statement = PARTS.where(col(CellRow.benchmark_id) == benchmark_id)
    statement = statement.where(col(CellRow.is_joined))
    rows = session.execute(_ordered(statement, DEFAULT))
    return _cells(session, [Found(*row) for row in rows], now, who=None)


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


def _narrowed(keys: Keys, wanted: Wanted) -> Keys:
    own = {name: value for name, value in wanted.items() if name not in {"site", "status"}}
    keys = keys.filter_by(**own)
    if "site" in wanted:
        there = select(DatasetRow.id).where(DatasetRow.site == wanted["site"])
        keys = keys.where(col(CellRow.dataset_id).in_(there))
    if "status" in wanted:
        standing = select(ExecutionRow.id).where(ExecutionRow.status == wanted["status"])
        keys = keys.where(col(CellRow.execution_id).in_(standing))
    return keys


def _ordered(statement: Q, order: str) -> Q:
    """The statement by `name` or `-name`, whose exact reverse the other is: one index serves both."""
    name = order.removeprefix("-")
    if name not in SORTABLE:
        raise InvalidInput(f"found another order, needed one of: {', '.join(SORTABLE)}")
    by = [key for key in STANDARD if key[0] != name]
    by.insert(0, (name, name == "priority"))
    turned = order.startswith("-") is not by[0][1]
    columns = [(col(getattr(CellRow, each)), down is not turned) for each, down in by]
    return statement.order_by(*(c.desc() if down else c.asc() for c, down in columns))


def _cells(
    session: Session, rows: list[Found], now: datetime, *, who: Principal | None
) -> list[Cell]:
    scored = {
        found.cell.dataset_id
        for found in rows
        if found.execution is not None and found.execution.status == ExecutionStatus.SCORED
    }
    live = awaited(session, scored) if scored else frozenset()
    if who is None or who.is_admin:
        return [_cell(found, live, now, shown=True) for found in rows]
    part_of = _part_of(session, who, rows)
    return [_cell(found, live, now, shown=_may_see(who, found, part_of)) for found in rows]


def _cell(found: Found, live: frozenset[int], now: datetime, *, shown: bool) -> Cell:
    cell, execution = found.cell, found.execution
    standing = standing_of(execution, Scene(metrics_id=found.metrics_id, awaited=live, now=now))
    shown = shown and found.result == ResultStatus.IN_FORCE
    metrics = (found.metrics or {}) if shown else {}
    return Cell(
        benchmark_id=cell.benchmark_id,
        dataset_id=cell.dataset_id,
        model_id=cell.model_id,
        site=found.site,
        model=found.model,
        priority=cell.priority,
        outstanding=standing.outstanding,
        runnable=standing.runnable,
        execution_id=execution.key if execution else None,
        attempt=execution.attempt if execution else 0,
        status=ExecutionStatus(execution.status) if execution else None,
        reason=standing.reason,
        partial=execution is not None and execution.partial,
        crash=Crash.model_validate(execution.crash if execution else {}),
        n_cases=found.n_cases if shown else None,
        metrics={name: MetricValue.model_validate(value) for name, value in metrics.items()},
    )


def _part_of(session: Session, who: Principal, rows: Iterable[Found]) -> set[int | None]:
    """Those benchmarks of `rows` that share their scores with everybody in them, and have `who` among these."""
    sharing = {row.cell.benchmark_id for row in rows if row.per_site["participants"]}
    if not sharing or who.site is not None:
        return set()
    named = select(BenchmarkRow.id).where(col(BenchmarkRow.id).in_(sharing))
    return set(session.exec(named.where(takes_part(who, col(BenchmarkRow.id)))))


def _may_see(who: Principal, found: Found, part_of: set[int | None]) -> bool:
    """Whether the scores are `who`'s own, or the sharing policy shows them to `who`."""
    if found.data_owner_id in who.roles:
        return True
    policy = Audience.model_validate(found.per_site)
    return who.site is None and policy.shows_to(
        committee=found.committee_id in who.roles,
        model_owner=found.model_owner_id in who.roles,
        participant=found.cell.benchmark_id in part_of,
    )
