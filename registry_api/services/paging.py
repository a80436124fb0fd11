"""What is seen of a table: one row by its id, or a page, a window on a list, filtered and in a stable order."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import BindParameter, ColumnElement, Integer, Select, UnaryExpression, bindparam
from sqlalchemy import Row as RowOf
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.models import Row
from rounds.errors import InvalidInput, NotFound
from rounds.records.base import LARGEST_ID, Page, Record

W = TypeVar("W", bound=Row)
T = TypeVar("T", bound=Record)
Wanted = Mapping[str, str | int | bool | None]


class Window(BaseModel):
    """Which part of a list is wanted, and by which field it is ordered: `name`, or `-name` downwards."""

    model_config = ConfigDict(frozen=True)

    limit: int = Field(default=100, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=LARGEST_ID)
    order: str = Field(default="id", max_length=40, pattern=r"^-?[a-z_]+$")

    @property
    def span(self) -> tuple[BindParameter[int], BindParameter[int]]:
        """How many rows, and after how many: written into the statement, so that PostgreSQL plans for so few once.

        Of a number that comes with each call it would think the worst, and plan anew each time.
        """
        return _written("limit", self.limit), _written("offset", self.offset)


class ListQuery(Window):
    """What is asked of a list: a window, and in the fields of who inherits the values that columns are to have.

    None is any.
    """

    def columns(self, *, but: Collection[str] = ()) -> Wanted:
        """The values that are wanted, by column; without the fields that are none."""
        return self.model_dump(exclude={*Window.model_fields, *but}, exclude_none=True)


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
    wanted: Wanted,
    sortable: Sequence[str] = ("id",),
) -> Page[T]:
    """The window's part of what `statement` selects, each row read by `read`, and how many there are.

    Columns have the `wanted` values. Rows that are equal in the order's field are by id.

    Raises:
        InvalidInput: The list is not ordered by that field.
    """
    filtered = statement.filter_by(**wanted)
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
