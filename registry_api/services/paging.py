"""Pages: a window on a list, ordered by id."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.models import Row
from rounds.records.base import Page, Record

W = TypeVar("W", bound=Row)
T = TypeVar("T", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of a list is wanted."""

    limit: int = 100
    offset: int = 0


def page(
    session: Session,
    statement: SelectOfScalar[W],
    row: type[W],
    *,
    window: Window,
    read: Callable[[W], T],
) -> Page[T]:
    """The window's part of what `statement` selects, each row read by `read`, and how many there are."""
    total = session.exec(select(func.count()).select_from(statement.subquery())).one()
    part = statement.order_by(col(row.id)).limit(window.limit).offset(window.offset)
    return Page(total=total, items=[read(found) for found in session.exec(part)])


def slice_page(items: list[T], window: Window) -> Page[T]:
    """The window's part of a list that is computed whole."""
    end = window.offset + window.limit
    return Page(total=len(items), items=items[window.offset : end])
