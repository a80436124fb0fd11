"""A look at the database: it changes nothing, and what it asked once is planned once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select, text

from registry_api.models import OrganisationRow
from registry_api.storage.database import Database
from registry_api.storage.migrating import upgrade
from tests.contract.registry.databases import KINDS, Databases

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%organisation%'")


@pytest.fixture
def database(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path
) -> Iterator[Database]:
    """An empty registry's, with one connection."""
    with databases.lent(request.param, tmp_path) as address:
        database = Database(address, connections=1)
        upgrade(database.engine)
        yield database
        database.close()


def look(session: Session) -> list[OrganisationRow]:
    """All organisations."""
    return list(session.exec(select(OrganisationRow)))


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_drops_what_it_changed(database: Database) -> None:
    """A row that was made during a look is not there afterwards."""
    with database.reading() as session:
        session.add(OrganisationRow(name="Club", name_key=None))

    with database.reading() as session:
        assert look(session) == []


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_keeps_what_is_prepared(database: Database) -> None:
    """PostgreSQL has a statement still when the next look asks it."""
    for _ in range(3):
        with database.reading() as session:
            look(session)

    with database.reading() as session:
        assert session.connection().execute(PREPARED).scalar_one() == 1
