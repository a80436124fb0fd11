"""A write that others come between again and again has a turn, in which nobody else commits."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, text

from registry_api.auth import nobody
from registry_api.models import OrganisationRow
from registry_api.services.audit import changed, created
from registry_api.storage.database import IN_VAIN, Database
from tests.contract.registry.databases import Databases

pytestmark = pytest.mark.postgres
LONGEST_S = 60
AT = datetime(2026, 1, 1, tzinfo=UTC)
HELD = text(
    "SELECT count(*) FROM pg_locks"
    " WHERE relation = 'audit'::regclass AND mode = 'ShareRowExclusiveLock' AND granted"
)


def rename(session: Session, name: str) -> None:
    """Give the organisation a name that depends on those of all cubes, and say so."""
    session.execute(text("SELECT count(name) FROM cube")).one()
    row = session.get_one(OrganisationRow, 1)
    with changed(session, nobody(AT, "test"), "organisation.change", row):
        row.name = name


def test_is_not_in_vain_for_ever(databases: Databases, tmp_path: Path) -> None:
    """Somebody changes the same row during each of its first tries; then they have to wait, and it is done."""
    with databases.lent("postgresql", tmp_path) as address:
        ours, theirs = Database(address), Database(address)
        ours.write(
            lambda session: created(
                session,
                nobody(AT, "test"),
                "organisation.found",
                OrganisationRow(name="Club", name_key=None),
            )
        )
        held: list[int] = []
        others: list[threading.Thread] = []

        def go_between() -> threading.Thread:
            name = f"other {len(held)}"
            others.append(threading.Thread(target=lambda: theirs.write(lambda s: rename(s, name))))
            others[-1].start()
            return others[-1]

        def stubborn(session: Session) -> None:
            held.append(int(session.execute(HELD).scalar_one()))
            if len(held) <= IN_VAIN:
                go_between().join(LONGEST_S)
                rename(session, "ours")
            else:
                rename(session, "ours")
                session.flush()
                go_between()

        ours.write(stubborn)
        for other in others:
            other.join(LONGEST_S)
        with ours.reading() as session:
            revision = session.get_one(OrganisationRow, 1).revision
        ours.close()
        theirs.close()

    assert held == [0] * IN_VAIN + [1]
    assert revision == 1 + 2 + IN_VAIN
