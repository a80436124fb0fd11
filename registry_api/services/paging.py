"""Pages: a window on a list, filtered and in a stable order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import UnaryExpression
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.models import Row
from rounds.errors import InvalidInput
from rounds.records.base import Page, Record

W = TypeVar("W", bound=Row)
T = TypeVar("T", bound=Record)
Wanted = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted, and by which field it is ordered: `name`, or `-name` downwards."""

    limit: int = 100
    offset: int = 0
    order: str = "id"


def page(
    session: Session,
    statement: SelectOfScalar[W],
    row: type[W],
    *,
    window: Window,
    read: Callable[[W], T],
    wanted: Wanted | None = None,
    sortable: Sequence[str] = ("id",),
) -> Page[T]:
    """The window's part of what `statement` selects, each row read by `read`, and how many there are.

    Columns have the `wanted` values, None is any. Rows that are equal in the order's field are by id.

    Raises:
        InvalidInput: The list is not ordered by that field.
    """
    chosen = {name: value for name, value in (wanted or {}).items() if value is not None}
    filtered = statement.filter_by(**chosen)
    # counted over the same condition, without the columns: no row is built to be counted
    counted = filtered.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = session.execute(counted).scalar_one()
    part = filtered.order_by(*_order(row, window.order, sortable))
    found = session.exec(part.limit(window.limit).offset(window.offset)) if total else ()
    return Page(total=total, items=[read(each) for each in found])


def _order(row: type[W], order: str, sortable: Sequence[str]) -> list[UnaryExpression[object]]:
    name = order.removeprefix("-")
    if name not in sortable:
        raise InvalidInput(f"found another order, needed one of: {', '.join(sortable)}")
    column: Mapped[object] = col(getattr(row, name))
    by_id: Mapped[object] = col(getattr(row, "id"))  # noqa: B009  of whatever type the name gives
    chosen = column.desc() if order.startswith("-") else column.asc()
    return [chosen] if name == "id" else [chosen, by_id.asc()]
