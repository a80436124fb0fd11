"""Cells: every approved dataset x model of a benchmark, and where each stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    ResultRow,
)
from registry_api.services import benchmarks
from registry_api.services.outcomes import unused
from registry_api.services.paging import Window, slice_page
from registry_api.services.standing import Scene, standing_of
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import AssociationStatus
from rounds.records.executions import Cell, ExecutionStatus, MetricValue

CellKey = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cells are wanted; None is any."""

    benchmark_id: int | None = None
    dataset_id: int | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A dataset and a model that both belong to a benchmark."""

    benchmark: BenchmarkRow
    dataset: DatasetRow
    model: CubeRow
    priority: int

    @property
    def key(self) -> CellKey:
        """What names the cell."""
        return (self.benchmark.key, self.dataset.key, self.model.key)

    def is_visible_to(self, who: Principal) -> bool:
        """Whether `who` may know of the cell: committee, data owner, model owner, administrator."""
        if who.site is not None:
            return self.dataset.owner_id == who.user_id and self.dataset.site == who.site
        owners = {self.benchmark.owner_id, self.dataset.owner_id, self.model.owner_id}
        return who.is_admin or who.user_id in owners


def list_cells(session: Session, who: Principal, window: Window, wanted: Filter) -> Page[Cell]:
    """The cells that `who` may know of, the highest priority first, then by model and dataset."""
    pairs = [pair for pair in _pairs(session, wanted) if pair.is_visible_to(who)]
    return slice_page(_cells(session, pairs, who.at), window)


def list_of_benchmark(
    session: Session, who: Principal, window: Window, benchmark_id: int
) -> Page[Cell]:
    """A benchmark's cells that `who` may know of.

    Raises:
        NotFound: There is no such benchmark that `who` may know of.
    """
    benchmarks.find(session, who, benchmark_id)
    return list_cells(session, who, window, Filter(benchmark_id=benchmark_id))


def all_of_benchmark(session: Session, benchmark_id: int, now: datetime) -> list[Cell]:
    """Every cell of a benchmark, whoever asks."""
    return _cells(session, _pairs(session, Filter(benchmark_id=benchmark_id)), now)


def latest_of(session: Session, key: CellKey) -> ExecutionRow | None:
    """The latest attempt at one cell."""
    benchmark_id, dataset_id, model_id = key
    return session.exec(
        select(ExecutionRow)
        .where(ExecutionRow.benchmark_id == benchmark_id)
        .where(ExecutionRow.dataset_id == dataset_id)
        .where(ExecutionRow.model_id == model_id)
        .order_by(col(ExecutionRow.attempt).desc())
        .limit(1)
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


def _pairs(session: Session, wanted: Filter) -> list[Pair]:
    statement = (
        select(DatasetRow, BenchmarkRow)
        .join(AssociationRow, col(AssociationRow.dataset_id) == col(DatasetRow.id))
        .join(BenchmarkRow, col(AssociationRow.benchmark_id) == col(BenchmarkRow.id))
        .where(AssociationRow.status == AssociationStatus.APPROVED)
        .order_by(col(DatasetRow.id))
    )
    if wanted.benchmark_id is not None:
        statement = statement.where(BenchmarkRow.id == wanted.benchmark_id)
    if wanted.dataset_id is not None:
        statement = statement.where(DatasetRow.id == wanted.dataset_id)
    if wanted.site is not None:
        statement = statement.where(DatasetRow.site == wanted.site)
    joined = session.exec(statement).all()
    models = _models(session, {benchmark.key: benchmark for _, benchmark in joined})
    return [
        Pair(benchmark=benchmark, dataset=dataset, model=model, priority=priority)
        for dataset, benchmark in joined
        for model, priority in models[benchmark.key]
    ]


def _models(
    session: Session, found: dict[int, BenchmarkRow]
) -> dict[int, list[tuple[CubeRow, int]]]:
    """The models of each benchmark with their priorities; the reference model is always one."""
    references = {benchmark.reference_model_id for benchmark in found.values()}
    cubes = session.exec(select(CubeRow).where(col(CubeRow.id).in_(references))).all()
    by_id = {cube.key: cube for cube in cubes}
    models = {
        key: {row.reference_model_id: (by_id[row.reference_model_id], 0)}
        for key, row in found.items()
    }
    associated = session.exec(
        select(AssociationRow, CubeRow)
        .join(CubeRow, col(AssociationRow.model_id) == col(CubeRow.id))
        .where(AssociationRow.status == AssociationStatus.APPROVED)
        .where(col(AssociationRow.benchmark_id).in_(found))
    )
    for association, cube in associated:
        models[association.benchmark_id][cube.key] = (cube, association.priority)
    return {key: list(of_one.values()) for key, of_one in models.items()}


def _cells(session: Session, pairs: list[Pair], now: datetime) -> list[Cell]:
    datasets = {pair.dataset.key for pair in pairs}
    latest = _latest(session, datasets)
    results = _results(session, latest.values())
    live = awaited(session, datasets)
    cells = []
    for pair in pairs:
        scene = Scene(metrics_id=pair.benchmark.metrics_id, awaited=live, now=now)
        row = latest.get(pair.key)
        cells.append(_cell(pair, row, results.get(row.key) if row else None, scene))
    return sorted(cells, key=lambda cell: (-cell.priority, cell.model_id, cell.dataset_id))


def _latest(session: Session, dataset_ids: set[int]) -> dict[CellKey, ExecutionRow]:
    newest = (
        select(func.max(ExecutionRow.id))
        .where(col(ExecutionRow.dataset_id).in_(dataset_ids))
        .group_by(
            col(ExecutionRow.benchmark_id),
            col(ExecutionRow.dataset_id),
            col(ExecutionRow.model_id),
        )
    )
    rows = session.exec(select(ExecutionRow).where(col(ExecutionRow.id).in_(newest)))
    return {(row.benchmark_id, row.dataset_id, row.model_id): row for row in rows}


def _results(session: Session, rows: Iterable[ExecutionRow]) -> dict[int, ResultRow]:
    submitted = {row.key for row in rows if row.status == ExecutionStatus.SUBMITTED}
    found = session.exec(select(ResultRow).where(col(ResultRow.execution_id).in_(submitted)))
    return {result.execution_id: result for result in found}


def _cell(pair: Pair, row: ExecutionRow | None, result: ResultRow | None, scene: Scene) -> Cell:
    standing = standing_of(row, scene)
    metrics = result.metrics if result else {}
    return Cell(
        benchmark_id=pair.benchmark.key,
        dataset_id=pair.dataset.key,
        model_id=pair.model.key,
        site=pair.dataset.site,
        model=pair.model.name,
        priority=pair.priority,
        outstanding=standing.outstanding,
        runnable=standing.runnable,
        execution_id=row.key if row else None,
        attempt=row.attempt if row else 0,
        status=ExecutionStatus(row.status) if row else None,
        reason=standing.reason,
        n_cases=result.n_cases if result else None,
        metrics={name: MetricValue.model_validate(value) for name, value in metrics.items()},
    )
