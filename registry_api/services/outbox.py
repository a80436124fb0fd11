"""What Prefect is to be told, as an administrator sees it: dead notices wait for one."""

from sqlmodel import Session, col, func, select

from registry_api.auth import Principal
from registry_api.models import OutboxRow
from registry_api.services.audit import noted
from registry_api.services.paging import Wanted, Window, page
from rounds.errors import NotFound
from rounds.records.base import Page
from rounds.records.service import Notice, NoticeStatus
from rounds.transitions import NOTICE, move

SORTABLE = ("id", "due_at", "failures")


def list_notices(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Notice]:
    """The notices whose columns have the `wanted` values; administrators only.

    Raises:
        Forbidden: Somebody else asks.
    """
    who.need_admin()
    return page(
        session,
        select(OutboxRow),
        OutboxRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_notice,
    )


def requeue(session: Session, who: Principal, notice_id: int) -> Notice:
    """A DEAD notice, to be delivered again from now on.

    Raises:
        Forbidden: No administrator asks.
        NotFound: There is no such notice.
        Conflict: It is not DEAD.
    """
    who.need_admin()
    row = session.get(OutboxRow, notice_id)
    if row is None:
        raise NotFound(f"found no notice {notice_id}; check the id")
    row.status = move(NOTICE, NoticeStatus(row.status), NoticeStatus.WAITING)
    row.failures, row.due_at = 0, who.at
    noted(session, who, "outbox.requeue", row)
    return as_notice(row)


def count(session: Session, status: NoticeStatus) -> int:
    """How many notices have a status."""
    statement = select(func.count()).select_from(OutboxRow)
    return session.exec(statement.where(col(OutboxRow.status) == status)).one()


def as_notice(row: OutboxRow) -> Notice:
    """The record of a row; its body stays with the registry."""
    return Notice.model_validate(row, from_attributes=True)
