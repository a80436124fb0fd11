"""The audit log: a row in the transaction of every write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session, select

from registry_api.auth import Principal
from registry_api.models import AuditRow, Row
from registry_api.services.paging import Window, page
from rounds.digests import sha256_json
from rounds.records.base import Page
from rounds.records.service import AuditEntry


def created(session: Session, who: Principal, action: str, row: Row) -> None:
    """Add `row`, which has its id afterwards, and say so in the audit log."""
    session.add(row)
    session.flush()
    _write(session, who, action, row, before=None)


@contextmanager
def changed(session: Session, who: Principal, action: str, row: Row) -> Iterator[None]:
    """Say in the audit log what the block did to `row`."""
    before = _digest(row)
    yield
    session.add(row)
    session.flush()
    _write(session, who, action, row, before=before)


def list_entries(session: Session, who: Principal, window: Window) -> Page[AuditEntry]:
    """Every write so far; administrators only.

    Raises:
        Forbidden: Somebody else asks.
    """
    who.need_admin()
    return page(
        session,
        select(AuditRow),
        AuditRow,
        window=window,
        read=lambda row: AuditEntry.model_validate(row.model_dump()),
    )


def _write(session: Session, who: Principal, action: str, row: Row, *, before: str | None) -> None:
    session.add(
        AuditRow(
            at=who.at,
            user_id=who.user_id or None,
            token_label=who.label,
            action=action,
            subject=f"{type(row).__tablename__}/{row.key}",
            before_sha256=before,
            after_sha256=_digest(row),
        )
    )
    session.flush()


def _digest(row: Row) -> str:
    return sha256_json(row.model_dump(mode="json"))
