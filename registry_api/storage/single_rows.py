"""Rows written at once, by statements that are built once.

A session's unit of work finds out what has changed, in which order it is to be written and by which statements:
for one row that takes three times as long as the statement itself.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from sqlalchemy import Insert, Table, Update, bindparam, insert, update
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from registry_api.models import Row

ROW_ID = "row_id"


def insert_now(session: Session, row: Row) -> None:
    """Insert a new row, which has its id afterwards and belongs to the session like one that it loaded."""
    names = (column.name for column in _table(row).c if not column.primary_key)
    values = {name: getattr(row, name) for name in names}
    done = session.connection().execute(_insert(type(row)), values)
    (row.id,) = done.inserted_primary_key or (None,)
    make_transient_to_detached(row)
    session.add(row)


def update_now(session: Session, row: Row, values: Mapping[str, object]) -> None:
    """Give a row of the session these values, there and in the database; the session has nothing left to write of them."""
    named = {**values, ROW_ID: row.key}
    session.connection().execute(_update(type(row)), named)
    for name, value in values.items():
        set_committed_value(row, name, value)


def update_many(session: Session, kind: type[Row], rows: Sequence[Mapping[str, object]]) -> None:
    """Give rows that the session did not load the values of each, which names it by ROW_ID; all have the same names."""
    if rows:
        session.connection().execute(_update(kind), rows)


@cache
def _insert(kind: type[Row]) -> Insert:
    return insert(_table(kind))


@cache
def _update(kind: type[Row]) -> Update:
    """Sets whatever columns it is executed with."""
    table = _table(kind)
    return update(table).where(table.c.id == bindparam(ROW_ID))


def _table(kind: type[Row] | Row) -> Table:
    return SQLModel.metadata.tables[str(kind.__tablename__)]
