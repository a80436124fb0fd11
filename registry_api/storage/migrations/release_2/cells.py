"""The cells of the second release: what was ever joined or run."""

from sqlalchemy import (
    Connection,
    Select,
    Subquery,
    and_,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from registry_api.storage.migrations.release_2.tables import (
    ASSOCIATIONS,
    BENCHMARKS,
    CELLS,
    EXECUTIONS,
)

KEY = ("benchmark_id", "dataset_id", "model_id")
COLUMNS = [*KEY, "priority", "is_joined"]


def fill_cells(connection: Connection) -> None:
    """Make a cell of each approved dataset x model, and of what was run and is not joined any more."""
    connection.execute(insert(CELLS).from_select(COLUMNS, _joined()))
    key = [EXECUTIONS.c[name] for name in KEY]
    known = exists().where(and_(*(CELLS.c[name] == EXECUTIONS.c[name] for name in KEY)))
    left = select(*key, literal(0), literal(value=False)).where(~known).distinct().order_by(*key)
    connection.execute(insert(CELLS).from_select(COLUMNS, left))
    own = (EXECUTIONS.c[name] == CELLS.c[name] for name in KEY)
    latest = select(func.max(EXECUTIONS.c.id)).where(*own).scalar_subquery()
    connection.execute(update(CELLS).values(execution_id=latest))


def _joined() -> Select[tuple[object, ...]]:
    models = _models()
    dataset_id = ASSOCIATIONS.c.dataset_id
    return (
        select(
            ASSOCIATIONS.c.benchmark_id,
            dataset_id,
            models.c.model_id,
            models.c.priority,
            literal(value=True),
        )
        .join(models, models.c.benchmark_id == ASSOCIATIONS.c.benchmark_id)
        .where(ASSOCIATIONS.c.status == "APPROVED", dataset_id.is_not(None))
        .order_by(ASSOCIATIONS.c.benchmark_id, dataset_id, models.c.model_id)
    )


def _models() -> Subquery:
    """The models of every benchmark with their priorities; the reference model is always one."""
    asked = select(
        ASSOCIATIONS.c.benchmark_id, ASSOCIATIONS.c.model_id, ASSOCIATIONS.c.priority
    ).where(ASSOCIATIONS.c.status == "APPROVED", ASSOCIATIONS.c.model_id.is_not(None))
    own = ASSOCIATIONS.alias()
    has_asked = exists().where(
        own.c.benchmark_id == BENCHMARKS.c.id,
        own.c.model_id == BENCHMARKS.c.reference_model_id,
        own.c.status == "APPROVED",
    )
    reference = select(
        BENCHMARKS.c.id.label("benchmark_id"),
        BENCHMARKS.c.reference_model_id.label("model_id"),
        literal(0).label("priority"),
    ).where(~has_asked)
    return union_all(asked, reference).subquery()
