"""A registry examined: whether its rows are what its audit log says, and the log what it was.

1. The sealed log is a whole chain.
2. Each row that the log follows has the digest of its last entry: nobody changed it past the registry.
3. An entry begins where the one before it of the same row ended: none was taken out, and no change came
   between. What came before the tables' last migration was written by another release, and is not held to it.
4. Each row that has entries is there.
5. What a row refers to is there, and the tables are of this version.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, text
from sqlmodel import Session, col, select

from registry_api.models import AuditRow, Entity
from registry_api.services.audit import count_unsealed, digest_of, links
from registry_api.storage.database import Database
from registry_api.storage.migrating import need_current, take_time
from rounds.audit import Verified, export_lines, verify_lines
from rounds.errors import IntegrityError

PAGE = 1000
MOST_NAMED = 10
MIGRATION = ".migrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A registry found whole: the rows that the log follows, and its entries, sealed and not yet sealed."""

    rows: int
    entries: int
    unsealed: int


def check(database: Database) -> Checked:
    """How much was found whole, in one snapshot.

    Raises:
        IntegrityError: Something was changed past the registry; names the rows, or the place in the chain.
        Unreachable: The tables are of another version.
    """
    with database.reading() as session:
        take_time(session.connection())
        need_current(session.connection())
        chain = _verify_chain(session)
        _need_none(_broken_references(session), "refer to what is not there")
        _need_none(_interrupted(session), "were changed between two entries of the audit log")
        rows = 0
        for kind in followed():
            rows += _check_rows(session, kind)
        return Checked(rows=rows, entries=chain.entries, unsealed=count_unsealed(session))


def followed() -> tuple[type[Entity], ...]:
    """The tables that the audit log follows, by name."""
    return tuple(sorted(Entity.__subclasses__(), key=_name))


def _verify_chain(session: Session) -> Verified:
    entries = links(session)
    try:
        return verify_lines(export_lines(entries))
    finally:
        deque(entries, maxlen=0)  # read to its end, the database's cursor is closed


def _check_rows(session: Session, kind: type[Entity]) -> int:
    count = 0
    for rows in _pages(session, kind):
        said = _last_entries(session, [_subject(row) for row in rows])
        differing = (_subject(row) for row in rows if digest_of(row) != said.get(_subject(row)))
        _need_none(differing, "are not as the audit log says")
        count += len(rows)
        session.expunge_all()
    _need_none(_missing(session, kind), "are gone, but not from the audit log")
    return count


def _pages(session: Session, kind: type[Entity]) -> Iterator[Sequence[Entity]]:
    last = 0
    while True:
        page = select(kind).where(col(kind.id) > last).order_by(col(kind.id)).limit(PAGE)
        rows = session.exec(page).all()
        if not rows:
            return
        last = rows[-1].key
        yield rows


def _last_entries(session: Session, subjects: Sequence[str]) -> dict[str, str | None]:
    newest = (
        select(func.max(AuditRow.id))
        .where(col(AuditRow.subject).in_(subjects), col(AuditRow.after_sha256).is_not(None))
        .group_by(col(AuditRow.subject))
    )
    said = select(AuditRow.subject, AuditRow.after_sha256).where(col(AuditRow.id).in_(newest))
    return dict(session.exec(said).all())


def _missing(session: Session, kind: type[Entity]) -> Iterator[str]:
    """The subjects of a table that have entries and no row."""
    prefix = f"{_name(kind)}/"
    key = cast(func.substr(col(AuditRow.subject), len(prefix) + 1), Integer)
    ours = col(AuditRow.subject).startswith(prefix, autoescape=True)
    logged = select(key).where(ours).distinct().order_by(key)
    here = session.exec(select(func.count()).select_from(kind)).one()
    if session.exec(select(func.count()).select_from(logged.subquery())).one() == here:
        return
    for found in session.exec(logged):
        if session.get(kind, found) is None:
            yield f"{prefix}{found}"


def _interrupted(session: Session) -> Iterator[str]:
    """The subjects of entries that do not begin where the one before ended."""
    migrated = select(func.max(AuditRow.id)).where(col(AuditRow.action).endswith(MIGRATION))
    since = session.exec(migrated).one() or 0
    before = func.lag(col(AuditRow.after_sha256)).over(
        partition_by=col(AuditRow.subject), order_by=col(AuditRow.id)
    )
    entries = (
        select(AuditRow.id, AuditRow.subject, AuditRow.before_sha256, before.label("ended"))
        .where(col(AuditRow.after_sha256).is_not(None))
        .subquery()
    )
    apart = entries.c.before_sha256.is_distinct_from(entries.c.ended)
    broken = select(entries.c.subject).where(apart, entries.c.id > since).order_by(entries.c.id)
    yield from session.execute(broken.limit(MOST_NAMED + 1)).scalars()


def _broken_references(session: Session) -> Iterator[str]:
    """The rows that refer to none; PostgreSQL lets no such row be."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for table, key, *_ in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"{table}/{key}"


def _need_none(subjects: Iterator[str], what: str) -> None:
    found = [subject for subject, _ in zip(subjects, range(MOST_NAMED + 1), strict=False)]
    if found:
        named = ", ".join(found[:MOST_NAMED]) + (" and more" if len(found) > MOST_NAMED else "")
        message = (
            f"found rows that {what}: {named}; needed all that is there to be the registry's own"
        )
        raise IntegrityError(f"{message}; restore a backup, and find who changed it")


def _subject(row: Entity) -> str:
    return f"{_name(type(row))}/{row.key}"


def _name(kind: type[Entity]) -> str:
    return str(kind.__tablename__)
