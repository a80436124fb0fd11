"""A backup is one snapshot in one file, of which either kind of database is made again."""

import stat
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, insert

from registry_api.auth import authenticate, nobody
from registry_api.checking import check
from registry_api.services import people
from registry_api.services.audit import chain_end, seal
from registry_api.storage.backup import backup, restore
from registry_api.storage.database import Database
from registry_api.storage.migrating import need_current, upgrade
from registry_api.storage.migrations.release_2.tables import AUDIT
from rounds.errors import Conflict, SpecError
from rounds.records.people import UserIn
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry_storage.awkward import add_awkward_rows
from tests.contract.registry_storage.stores import Store, first_rows, lent_store

SECRET = "rnd_a-token-of-the-first-release"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def full(copied: Store) -> Store:
    """A registry with rows in every table and a part of its audit log sealed."""
    add_awkward_rows(copied)
    with copied.opened() as database:
        database.write(seal)
    return copied


@pytest.fixture(params=KINDS)
def target(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """An empty database, of each kind in turn."""
    with lent_store(databases, request.param, tmp_path) as lent:
        yield lent


@pytest.fixture
def twin(migrated: Store, databases: Databases, tmp_path: Path) -> Iterator[Store]:
    """An empty database of the same kind as the one that is backed up."""
    with lent_store(databases, migrated.kind, tmp_path) as lent:
        yield lent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a backup goes, alone in its folder."""
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "registry.backup"


def save(store: Store, file: Path) -> Path:
    """The file of a backup of a database."""
    with store.opened() as database:
        backup(database, file)
    return file


def add_user(database: Database, name: str) -> None:
    """Add somebody, with an organisation and what the audit log says of both."""
    wanted = UserIn(name=name, email=f"{name}@example.org")
    database.write(lambda session: people.add_row(session, nobody(AT, "test"), wanted).key)


class TestBackup:
    def test_is_its_owners_alone(self, full: Store, file: Path) -> None:
        """The file holds what the registry knows: nobody else may read it, and nothing lies beside it."""
        save(full, file)

        found = [(path.name, stat.S_IMODE(path.stat().st_mode)) for path in file.parent.iterdir()]

        assert found == [(file.name, 0o600)]

    def test_takes_the_place_of_the_last(self, full: Store, file: Path) -> None:
        """A second backup under the same name is whole, and private, whatever was there."""
        file.write_text("an older one")
        file.chmod(0o644)

        save(full, file)

        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.stat().st_size > 1000

    def test_leaves_no_entry(self, full: Store, file: Path) -> None:
        """It is a read: every row, of the audit log too, is as it was."""
        before = full.rows()

        save(full, file)

        assert full.rows() == before

    def test_says_what_it_holds(self, full: Store, file: Path) -> None:
        """The answer has the revision, the rows of each table and the audit log's end."""
        with full.opened() as database:
            made = backup(database, file)
            with database.reading() as session:
                end = chain_end(session)

        assert made.revision == "0002"
        assert made.rows == {name: len(rows) for name, rows in full.rows().items()}
        assert made.audit is not None
        assert (made.audit.entries, made.audit.sha256) == end

    def test_is_one_snapshot(self, copied: Store, file: Path, twin: Store) -> None:
        """What is written while it is made is in it whole or not at all."""
        with copied.opened() as database, copied.opened() as other:

            @event.listens_for(database.engine, "before_cursor_execute")
            def write(*arguments: object) -> None:
                """Write between the audit log and what follows it."""
                if "FROM organisation" in str(arguments[2]):
                    add_user(other, "meanwhile")

            backup(database, file)

        restore(twin.address, file)
        assert "meanwhile" in {row["name"] for row in copied.rows()["user_account"]}
        assert "meanwhile" not in {row["name"] for row in twin.rows()["user_account"]}
        with twin.opened() as restored:
            assert check(restored).rows > 0

    def test_holds_few_rows_at_a_time(self, copied: Store, file: Path, twin: Store) -> None:
        """Memory does not grow with the number of rows, on the way out or in."""
        entry = {"at": AT, "token_label": "x" * 5000, "action": "test", "subject": "nothing/1"}
        with copied.connected() as connection:
            connection.execute(insert(AUDIT), [entry] * 5000)
        tracemalloc.start()

        save(copied, file)
        restore(twin.address, file)

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 15 * 2**20

    def test_of_an_empty_database_is_refused(self, store: Store, file: Path) -> None:
        """Where there is no registry there is nothing to keep."""
        with (
            store.opened() as database,
            pytest.raises(Conflict, match="found a database without tables"),
        ):
            backup(database, file)

        assert list(file.parent.iterdir()) == []

    def test_needs_a_folder(self, copied: Store, tmp_path: Path) -> None:
        """A folder that is not there is not made."""
        with (
            copied.opened() as database,
            pytest.raises(
                SpecError, match="found No such file or directory while the backup was written"
            ),
        ):
            backup(database, tmp_path / "no" / "registry.backup")


class TestRestore:
    def test_gives_every_row_back(self, full: Store, file: Path, target: Store) -> None:
        """Each row of each table is there again, from and to either kind of database."""
        made = restore(target.address, save(full, file))

        assert target.rows() == full.rows()
        assert all(target.rows().values())
        assert made.rows == {name: len(rows) for name, rows in full.rows().items()}

    def test_gives_the_same_backup_again(self, full: Store, file: Path, target: Store) -> None:
        """A backup of what was restored is the same to the byte, whatever the kind of database."""
        again = file.with_name("again")
        restore(target.address, save(full, file))

        save(target, again)

        assert again.read_bytes() == file.read_bytes()

    def test_keeps_tokens_working(self, copied: Store, file: Path, twin: Store) -> None:
        """Who was signed in is signed in, and everything is as the audit log says."""
        restore(twin.address, save(copied, file))

        with twin.opened() as database, database.reading() as session:
            who = authenticate(session, SECRET, AT)
            assert check(database).rows > 0
        assert who.user_id == 1

    def test_goes_on_from_there(self, copied: Store, file: Path, twin: Store) -> None:
        """A new row gets the next number."""
        restore(twin.address, save(copied, file))

        with twin.opened() as database:
            add_user(database, "next")

        assert twin.rows()["user_account"][-1]["id"] == 8

    def test_brings_an_older_one_up_to_date(
        self, store: Store, file: Path, reference: Store
    ) -> None:
        """A backup of the first release's tables becomes a registry of today."""
        store.fill_as_first_release()

        made = restore(reference.address, save(store, file))

        assert made.revision == "0001"
        with reference.connected() as connection:
            need_current(connection)
        assert len(reference.rows()["user_account"]) == len(first_rows()["user_account"])

    def test_takes_an_empty_registry(self, full: Store, file: Path, twin: Store) -> None:
        """Tables without a row are as good as none."""
        with twin.opened() as database:
            upgrade(database.engine)

        restore(twin.address, save(full, file))

        assert twin.rows() == full.rows()

    def test_overwrites_nothing(self, full: Store, file: Path, twin: Store) -> None:
        """A database that holds a single row is left as it is."""
        with twin.opened() as database:
            upgrade(database.engine)
            add_user(database, "somebody")
        before = twin.rows()

        with pytest.raises(Conflict, match="found rows in audit, needed an empty database"):
            restore(twin.address, save(full, file))

        assert twin.rows() == before

    def test_leaves_a_strangers_tables_alone(self, full: Store, file: Path, twin: Store) -> None:
        """Tables that are no registry's are not dropped, though they are empty."""
        twin.run("CREATE TABLE patients (id INTEGER PRIMARY KEY)")

        with pytest.raises(Conflict, match="no release's"):
            restore(twin.address, save(full, file))

        assert list(twin.rows()) == ["patients"]

    def test_needs_a_file(self, store: Store, file: Path) -> None:
        """Without a backup there is nothing to restore."""
        with pytest.raises(SpecError, match="found no backup that can be read"):
            restore(store.address, file)
