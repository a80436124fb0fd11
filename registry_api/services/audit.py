"""The audit log: a row in the transaction of every write, and the chain that they are sealed into.

1. Who writes says so; what was said is written with the commit, and takes no lock.
2. One sealer gives the rows that have come in their places at the end of the chain, a batch at a time.
3. An entry's place never changes, so an export is the same chain, only longer, each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_jsonable_python
from sqlalchemy import Row as ColumnsRow
from sqlalchemy import event, insert
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from registry_api.auth import Principal
from registry_api.models import AuditRow, Entity, Row
from registry_api.services.paging import Wanted, Window, page
from registry_api.storage.single_rows import ROW_ID, insert_now, update_many, update_now
from rounds.audit import GENESIS, Link, link
from rounds.digests import sha256_json
from rounds.records.base import Page
from rounds.records.service import AuditEntry, AuditHead

BATCH = 500
SAID = "audit"
ENTRY = tuple(name for name in AuditRow.model_fields if name not in {"position", "sha256"})
SaidRow = ColumnsRow[Any]
SORTABLE = ("id", "at", "position")
SAY = insert(AuditRow)
SAY_AT_ONCE = SAY.returning(col(AuditRow.id))
UNSEALED = (
    select_columns(*(getattr(AuditRow, name) for name in ENTRY))
    .where(col(AuditRow.position).is_(None))
    .order_by(col(AuditRow.id))
    .limit(BATCH)
)


def created(session: Session, who: Principal, action: str, row: Entity) -> None:
    """Add `row`, which has its id afterwards, and say so in the audit log."""
    session.flush()  # what it points at
    insert_now(session, row)
    _say(session, who, action, row, after=digest_of(row))


@contextmanager
def changed(session: Session, who: Principal, action: str, row: Entity) -> Iterator[None]:
    """Say in the audit log what the block did to `row`, whose revision grows."""
    before = digest_of(row)
    yield
    row.revision += 1
    session.add(row)
    _say(session, who, action, row, before=before, after=digest_of(row))


def updated(session: Session, who: Principal, action: str, row: Entity, **values: object) -> None:
    """Give `row` these `values` at once, and say so in the audit log; its revision grows."""
    before = digest_of(row)
    update_now(session, row, {**values, "revision": row.revision + 1})
    _say(session, who, action, row, before=before, after=digest_of(row))


def noted(session: Session, who: Principal, action: str, row: Row) -> None:
    """Say in the audit log what was done to a row that it does not follow."""
    _say(session, who, action, row)


def list_entries(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[AuditEntry]:
    """Every write so far whose columns have the `wanted` values; administrators only.

    Raises:
        Forbidden: Somebody else asks.
    """
    who.need_admin()
    statement = select(AuditRow)
    return page(
        session, statement, AuditRow, window=window, wanted=wanted, sortable=SORTABLE, read=as_entry
    )


def head(session: Session, who: Principal) -> AuditHead:
    """The sealed chain's end; administrators only.

    Raises:
        Forbidden: Somebody else asks.
    """
    who.need_admin()
    entries, sha256 = chain_end(session)
    return AuditHead(entries=entries, sha256=sha256, unsealed=count_unsealed(session))


def seal(session: Session) -> int:
    """Give the oldest rows without a place in the chain theirs; returns how many."""
    rows = session.connection().execute(UNSEALED).all()
    position, previous = chain_end(session) if rows else (0, GENESIS)
    sealed = []
    for row in rows:
        position += 1
        made = link(position, previous, entry_of(row))
        sealed.append({ROW_ID: row.id, "position": made.position, "sha256": made.sha256})
        previous = made.sha256
    update_many(session, AuditRow, sealed)
    return len(rows)


def links(session: Session) -> Iterator[Link]:
    """The sealed chain from its beginning, as the rows are now."""
    previous = GENESIS
    statement = select(AuditRow).where(col(AuditRow.position).is_not(None))
    ordered = statement.order_by(col(AuditRow.position)).execution_options(yield_per=BATCH)
    for row in session.exec(ordered):
        yield Link(
            position=row.position or 0,
            previous=previous,
            entry=entry_of(row),
            sha256=row.sha256 or "",
        )
        previous = row.sha256 or ""


def chain_end(session: Session) -> tuple[int, str]:
    """The position and the sha256 of the chain's last entry."""
    last = session.exec(
        select(AuditRow.position, AuditRow.sha256)
        .where(col(AuditRow.position).is_not(None))
        .order_by(col(AuditRow.position).desc())
        .limit(1)
    ).first()
    return (0, GENESIS) if last is None else (last[0] or 0, last[1] or "")


def count_unsealed(session: Session) -> int:
    """How many writes wait for the sealer."""
    statement = select(func.count()).select_from(AuditRow).where(col(AuditRow.position).is_(None))
    return session.exec(statement).one()


def entry_of(row: AuditRow | SaidRow) -> dict[str, JsonValue]:
    """A row as the chain holds it."""
    entry: dict[str, JsonValue] = to_jsonable_python({name: getattr(row, name) for name in ENTRY})
    return entry


def as_entry(row: AuditRow) -> AuditEntry:
    """The record of a row."""
    return AuditEntry.model_validate(row, from_attributes=True)


def digest_of(row: Entity) -> str:
    """The sha256 of what the log follows of a row."""
    return sha256_json(row.model_dump(mode="json", exclude=set(row.UNAUDITED)))


def _say(
    session: Session,
    who: Principal,
    action: str,
    row: Row,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    entry = {
        "at": who.at,
        "user_id": who.user_id or None,
        "token_label": who.label,
        "action": action,
        "subject": f"{type(row).__tablename__}/{row.key}",
        "before_sha256": before,
        "after_sha256": after,
    }
    session.info.setdefault(SAID, []).append(entry)


@event.listens_for(Session, "before_commit")
def _write_down(session: Session) -> None:
    """Write what was said, in its order and in one statement; if the commit fails, none of it is."""
    if said := session.info.pop(SAID, None):
        connection = session.connection()
        # Of databases that give rows back, the rows are one statement of SQLAlchemy's; else one each.
        at_once = connection.dialect.insert_executemany_returning
        connection.execute(SAY_AT_ONCE if at_once else SAY, said)
