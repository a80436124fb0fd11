"""Values of the database's columns as JSON, and back, whichever database holds them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import JsonValue
from sqlalchemy import JSON, Boolean, Column, DateTime, Integer, Table

from rounds.errors import IntegrityError

LARGEST = 2**63


def to_json(value: object) -> object:
    """A column's value as JSON has it; a moment is text in UTC."""
    if not isinstance(value, datetime):
        return value
    moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return moment.isoformat()


def from_json(table: Table, row: Mapping[str, JsonValue]) -> dict[str, object]:
    """A row of a table, each value of its column's kind.

    Raises:
        IntegrityError: It has other columns than the table, or a value of another kind.
    """
    if set(row) != set(table.c.keys()):
        raise IntegrityError(f"found a row of {table.name} with other columns, needed its own")
    return {name: _value(table, column, row[name]) for name, column in table.c.items()}


def _value(table: Table, column: Column[object], value: JsonValue) -> object:
    if isinstance(column.type, JSON):
        return value
    if value is None and column.nullable:
        return None
    moment = _moment(value) if isinstance(column.type, DateTime) else None
    if moment is not None:
        return moment
    if not _fits(column, value):
        what = f"{table.name}.{column.name}"
        raise IntegrityError(f"found another kind of value in {what}, needed its own")
    return value


def _fits(column: Column[object], value: JsonValue) -> bool:
    if isinstance(column.type, DateTime):
        return False
    if isinstance(column.type, Boolean):
        return isinstance(value, bool)
    if isinstance(column.type, Integer):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST
    return isinstance(value, str)


def _moment(value: JsonValue) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
