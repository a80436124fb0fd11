"""What the audit log says of a step: the digest of each row that it follows, before and after."""

from collections.abc import Sequence
from datetime import datetime

from pydantic_core import to_jsonable_python
from sqlalchemy import Connection, Table, func, insert, select

from registry_api.storage.migrations.moving import Row
from registry_api.storage.migrations.release_2.tables import AUDIT
from rounds.digests import sha256_json

NOT_FOLLOWED = {
    "execution": frozenset({"lease_until", "is_claimed"}),
    "user_account": frozenset({"totp_step"}),
}


def say_migrated(
    connection: Connection, table: Table, rows: Sequence[Row], *, step: str, at: datetime
) -> None:
    """Add an entry for each of a table's new rows."""
    subjects = {f"{table.name}/{row['id']}": row for row in rows}
    before = _latest(connection, list(subjects))
    entries = [
        {
            "at": at,
            "user_id": None,
            "token_label": step,
            "action": f"{table.name}.migrate",
            "subject": subject,
            "before_sha256": before.get(subject),
            "after_sha256": digest_of(table, row),
        }
        for subject, row in subjects.items()
    ]
    connection.execute(insert(AUDIT), entries)


def digest_of(table: Table, row: Row) -> str:
    """The sha256 of what the log follows of a row."""
    left_out = NOT_FOLLOWED.get(table.name, frozenset())
    kept = {name: value for name, value in row.items() if name not in left_out}
    return sha256_json(to_jsonable_python(kept))


def _latest(connection: Connection, subjects: Sequence[str]) -> dict[str, str]:
    """The digest that each subject had at last."""
    newest = (
        select(func.max(AUDIT.c.id))
        .where(AUDIT.c.subject.in_(subjects), AUDIT.c.after_sha256.is_not(None))
        .group_by(AUDIT.c.subject)
    )
    found = select(AUDIT.c.subject, AUDIT.c.after_sha256).where(AUDIT.c.id.in_(newest))
    return dict(connection.execute(found).tuples().all())
