"""Databases to make tables in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from registry_api.storage.backup import backup
from registry_api.storage.migrating import upgrade
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry_storage.stores import Store, lent_copy, lent_store


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """An empty database, of each kind in turn."""
    with lent_store(databases, request.param, tmp_path) as lent:
        yield lent


@pytest.fixture
def reference(store: Store, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """Another empty database of the same kind."""
    with lent_store(databases, store.kind, tmp_path) as lent:
        yield lent


@pytest.fixture(scope="session", params=KINDS)
def migrated(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Store]:
    """What the first release left, brought up to date once for all who only read it."""
    folder = tmp_path_factory.mktemp("migrated")
    with lent_store(databases, request.param, folder) as lent:
        lent.fill_as_first_release()
        with lent.opened() as database:
            upgrade(database.engine)
        yield lent


@pytest.fixture
def session(migrated: Store) -> Iterator[Session]:
    """A session that reads what became of what the first release left."""
    with migrated.opened() as database, database.reading() as reading:
        yield reading


@pytest.fixture
def copied(migrated: Store, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """What the first release left, brought up to date, for one test to change."""
    with lent_copy(databases, migrated, tmp_path) as lent:
        yield lent


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup of a registry with one user."""
    folder = tmp_path_factory.mktemp("good")
    store = Store("sqlite", str(folder / "registry.db"))
    with store.opened() as database:
        upgrade(database.engine)
        store.run(
            "INSERT INTO user_account (is_valid, revision, name, email, is_admin) "
            "VALUES (TRUE, 1, 'Ada', 'ada@example.org', TRUE)"
        )
        backup(database, folder / "file")
    return (folder / "file").read_bytes()
