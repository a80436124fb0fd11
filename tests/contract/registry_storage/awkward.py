"""Rows for the tables that the first release did not have, with values that are easily lost on the way."""

from datetime import UTC, datetime

from sqlalchemy import insert, update

from registry_api.storage.migrations.release_2 import parties, tables
from tests.contract.registry_storage.stores import Store

AT = datetime(
    2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC
)  # the clocks go on, and a microsecond is not nothing
FOLLOWED = {"is_valid": True, "revision": 1}
DOCUMENT: dict[str, object] = {
    "small": 1e-300,
    "whole": 1.0,
    "large": 2**53 + 1,
    "empty": None,
    "yes": True,
    "signs": "“quoted”, \\u0041, \t, ☃, 🩺, é",
    "nested": [{"a": [[]]}, {}],
}


def add_awkward_rows(store: Store) -> None:
    """Give each table that is empty a row, and some rows values that are easily lost."""
    place = {"organisation_id": 2, "email": "é@x.org", "role": "manager", "user_id": None}
    publication = {"benchmark_id": 1, "approval_id": 19, "sha256": "0" * 64, "published_at": AT}
    answer = {"user_id": 1, "key": "k", "request_sha256": "1" * 64, "status": 201, "at": AT}
    with store.connected() as connection:
        connection.execute(insert(parties.MEMBERS).values(place | FOLLOWED))
        connection.execute(insert(parties.FAILURES).values(sha256="2" * 64, count=3, last=AT))
        connection.execute(insert(parties.DELEGATES).values(approval_id=19, user_id=3))
        connection.execute(insert(parties.ANSWERS).values(answer | {"body": None}))
        connection.execute(
            insert(tables.PUBLICATIONS).values(publication | FOLLOWED | {"leaderboard": DOCUMENT})
        )
        connection.execute(
            update(tables.APPROVALS)
            .where(tables.APPROVALS.c.id == 1)
            .values(reason="it's\n“so”\r\n")
        )
