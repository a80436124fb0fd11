"""Which cells there are: dataset x model of a benchmark, restored after whatever changes it.

A cell is joined while its dataset and its model are approved (the reference model always is), neither they
nor the benchmark nor its metrics cube are withdrawn, and the benchmark is approved and active. Cells are kept
when they leave, with their history.
"""

from typing import Never

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    exists,
    insert,
    literal,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from registry_api.models import AssociationRow, BenchmarkRow, CellRow, CubeRow, DatasetRow
from rounds.records.benchmarks import AssociationStatus, BenchmarkStatus

# No cell is in the session when this runs, so none has to be brought up to date there.
APART = {"synchronize_session": False}
KEY = ("benchmark_id", "dataset_id", "model_id")


def refresh_benchmark(session: Session, benchmark_id: int) -> None:
    """Restore the cells of a benchmark."""
    _refresh(session, benchmark_id=benchmark_id)


def refresh_dataset(session: Session, dataset_id: int) -> None:
    """Restore the cells of a dataset."""
    _refresh(session, dataset_id=dataset_id)


def refresh_model(session: Session, model_id: int) -> None:
    """Restore the cells of a model."""
    _refresh(session, model_id=model_id)


def refresh_judged(session: Session, metrics_id: int) -> None:
    """Restore the cells of every benchmark that a metrics cube judges."""
    judged = select(col(BenchmarkRow.id)).where(_same(BenchmarkRow.metrics_id, metrics_id))
    for benchmark_id in session.execute(judged).scalars().all():
        _refresh(session, benchmark_id=benchmark_id)


def refresh_association(session: Session, row: AssociationRow) -> None:
    """Restore the cells of an association's dataset or model in its benchmark."""
    if row.dataset_id is not None:
        _refresh(session, benchmark_id=row.benchmark_id, dataset_id=row.dataset_id)
    elif row.model_id is not None:
        _refresh(session, benchmark_id=row.benchmark_id, model_id=row.model_id)


def _refresh(session: Session, **scope: int) -> None:
    session.flush()
    pairs = _pairs(scope)
    here = and_(*(getattr(CellRow, name) == key for name, key in scope.items()))
    is_pair = and_(*(getattr(CellRow, name) == pairs.c[name] for name in KEY))
    paired = exists().where(is_pair)
    priority = select(pairs.c.priority).where(is_pair).scalar_subquery()
    apart = update(CellRow).where(here, col(CellRow.is_joined), ~paired)
    session.execute(apart.values(is_joined=False), execution_options=APART)
    together = update(CellRow).where(here, paired).values(is_joined=True, priority=priority)
    session.execute(together, execution_options=APART)
    known = exists().where(and_(*(getattr(CellRow, name) == pairs.c[name] for name in KEY)))
    new = select(
        *(pairs.c[name] for name in KEY), pairs.c.priority, true().label("is_joined")
    ).where(~known)
    session.execute(insert(CellRow).from_select([*KEY, "priority", "is_joined"], new))


def _pairs(scope: dict[str, int]) -> Subquery:
    """What belongs together now, within `scope`: a row for each cell, with its model's priority."""
    models = _models()
    statement = (
        select(
            col(AssociationRow.benchmark_id),
            col(AssociationRow.dataset_id),
            models.c.model_id,
            models.c.priority,
        )
        .join(models, models.c.benchmark_id == AssociationRow.benchmark_id)
        .join(DatasetRow, _same(DatasetRow.id, AssociationRow.dataset_id))
        .join(BenchmarkRow, _same(BenchmarkRow.id, AssociationRow.benchmark_id))
        .join(CubeRow, _same(CubeRow.id, BenchmarkRow.metrics_id))
        .where(_same(AssociationRow.status, AssociationStatus.APPROVED))
        .where(col(DatasetRow.is_valid), col(CubeRow.is_valid))
        .where(col(BenchmarkRow.is_valid), col(BenchmarkRow.is_active))
        .where(_same(BenchmarkRow.status, BenchmarkStatus.APPROVED))
    )
    columns = {
        "benchmark_id": col(AssociationRow.benchmark_id),
        "dataset_id": col(AssociationRow.dataset_id),
        "model_id": models.c.model_id,
    }
    for name, key in scope.items():
        statement = statement.where(columns[name] == key)
    return statement.subquery()


def _models() -> Subquery:
    """The models of every benchmark, the reference model among them, with their priorities."""
    joined = aliased(AssociationRow)
    asked = (
        select(col(joined.benchmark_id), col(joined.model_id), col(joined.priority))
        .join(CubeRow, _same(CubeRow.id, joined.model_id))
        .where(_same(joined.status, AssociationStatus.APPROVED), col(CubeRow.is_valid))
    )
    also = aliased(AssociationRow)
    has_asked = exists().where(
        _same(also.benchmark_id, BenchmarkRow.id),
        _same(also.model_id, BenchmarkRow.reference_model_id),
        _same(also.status, AssociationStatus.APPROVED),
    )
    reference: Select[tuple[Never, Never, int]] = (
        select(
            col(BenchmarkRow.id).label("benchmark_id"),
            col(BenchmarkRow.reference_model_id).label("model_id"),
            literal(0).label("priority"),
        )
        .join(CubeRow, _same(CubeRow.id, BenchmarkRow.reference_model_id))
        .where(~has_asked, col(CubeRow.is_valid))
    )
    return union_all(asked, reference).subquery()


def _same(left: object, right: object) -> ColumnElement[bool]:
    return col(left) == right
