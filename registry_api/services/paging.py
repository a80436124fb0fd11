"""What is seen of a table: one row by its id, or a page, a window on a list, filtered and in a stable order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, UnaryExpression, bindparam
from sqlalchemy import Row as RowOf
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.models import Row
from rounds.errors import InvalidInput, NotFound
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

    @property
    def span(self) -> tuple[BindParameter[int], BindParameter[int]]:
        """How many rows, and after how many: written into the statement, so that PostgreSQL plans for so few once.

        Of a number that comes with each call it would think the worst, and plan anew each time.
        """
        return _written("limit", self.limit), _written("offset", self.offset)


def one(session: Session, row: type[W], number: int, visible: ColumnElement[bool], what: str) -> W:
    """The row with that id, if it is among those that are `visible`; `what` it is called.

    Raises:
        NotFound: There is none that whoever asks may know of.
    """
    found = session.exec(select(row).where(row.id == number).where(visible)).first()
    if found is None:
        raise NotFound(f"found no {what} {number} that you may know of; check the id")
    return found


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
    # counted over the same condition, without the columns, in the same look: no row is built to be counted
    counted = filtered.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    part = filtered.order_by(*_order(row, window.order, sortable))
    limit, offset = window.span
    part = part.limit(limit).offset(offset)
    total, found = look(session, part, counted, window)
    return Page(total=total, items=[read(each) for each, _ in found])


def look(
    session: Session, part: Select[Any], counted: Select[tuple[int]], window: Window
) -> tuple[int, Sequence[RowOf[Any]]]:
    """How many are `counted`, and the rows of a window's `part` with that number at each one's end, in one look."""
    found = session.execute(part.add_columns(counted.correlate(None).scalar_subquery())).all()
    if found:
        return found[0][-1], found
    return (session.execute(counted).scalar_one() if window.offset else 0), found


def _written(name: str, number: int) -> BindParameter[int]:
    return bindparam(name, number, type_=Integer(), literal_execute=True)


def _order(row: type[W], order: str, sortable: Sequence[str]) -> list[UnaryExpression[object]]:
    name = order.removeprefix("-")
    if name not in sortable:
        raise InvalidInput(f"found another order, needed one of: {', '.join(sortable)}")
    column: Mapped[object] = col(getattr(row, name))
    by_id: Mapped[object] = col(getattr(row, "id"))  # noqa: B009  of whatever type the name gives
    chosen = column.desc() if order.startswith("-") else column.asc()
    return [chosen] if name == "id" else [chosen, by_id.asc()]
