"""What was changed past the registry is found, and named."""

import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from registry_api.auth import nobody
from registry_api.checking import check
from registry_api.models import CubeRow
from registry_api.services.audit import changed, seal
from registry_api.storage.backup import backup, restore
from registry_api.storage.database import Database
from registry_api.storage.migrating import downgrade
from registry_api.storage.migrations.release_2.tables import AUDIT
from rounds.errors import IntegrityError, Unreachable
from tests.contract.registry.authenticator import enrol
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World
from tests.contract.registry_storage.stores import Store

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def sealed(copied: Store) -> Store:
    """A registry whose whole audit log is sealed."""
    with copied.opened() as database:
        assert database.write(seal) > 0
    return copied


def rename(database: Database, name: str) -> None:
    """Give a cube another name as the registry does."""

    def work(session: Session) -> None:
        row = session.get_one(CubeRow, 1)
        with changed(session, nobody(AT, "test"), "cube.change", row):
            row.name = name

    database.write(work)


def examine(store: Store) -> None:
    """Check a database."""
    with store.opened() as database:
        check(database)


class TestWhole:
    def test_registry_passes(self, copied: Store) -> None:
        """Where nobody interfered everything is counted."""
        with copied.opened() as database:
            entries = database.write(seal)
            rename(database, "another")

            found = check(database)

        assert (found.entries, found.unsealed) == (entries, 1)
        assert found.rows == 81

    def test_restored_registry_passes(self, sealed: Store, tmp_path: Path) -> None:
        """A registry that was restored is as whole as the one that was backed up."""
        with sealed.opened() as database:
            backup(database, tmp_path / "file")
            before = check(database)
        restore(str(tmp_path / "restored.db"), tmp_path / "file")

        with closing(Database(str(tmp_path / "restored.db"))) as restored:
            assert check(restored) == before

    def test_registry_in_use_passes(self, tmp_path: Path) -> None:
        """Whatever the registry does by itself it says in its audit log."""
        with serve_registry(tmp_path) as served, ExitStack() as stack:
            world = World(served=served, stack=stack)
            world.submitted()
            world.organisation("Lumps United", "maker", "second")
            authenticator = enrol(world, world.person("second"))
            world.sign_in("second", code=authenticator.next_code())

        with closing(Database(served.database)) as database:
            assert check(database).rows > 0

    def test_registry_of_another_release_is_refused(self, copied: Store) -> None:
        """The tables must be of this version before anything can be said of them."""
        with copied.opened() as database:
            downgrade(database.engine, "0001")

        with pytest.raises(Unreachable, match="run 'rounds registry migrate'"):
            examine(copied)


class TestRows:
    @pytest.mark.parametrize(
        ("edit", "named"),
        [
            ("UPDATE token SET expires_at = '2099-01-01 00:00:00+00:00' WHERE id = 2", "token/2"),
            ("UPDATE user_account SET is_admin = TRUE WHERE id = 3", "user_account/3"),
            ("UPDATE approval SET status = 'GRANTED' WHERE id = 8", "approval/8"),
            ("UPDATE result SET metrics = '{\"auroc\": 1.0}' WHERE id = 2", "result/2"),
            ("UPDATE dataset SET organisation_id = 2 WHERE id = 1", "dataset/1"),
            ("UPDATE execution SET attempt = 7 WHERE id = 1", "execution/1"),
        ],
    )
    def test_that_were_edited_are_found(self, sealed: Store, edit: str, named: str) -> None:
        """A column that was changed by hand differs from the last entry, sealed as the log may be."""
        sealed.run(edit)

        with pytest.raises(IntegrityError, match=f"are not as the audit log says: {named};"):
            examine(sealed)

    def test_that_only_live_are_not(self, sealed: Store) -> None:
        """A lease is a sign of life, which no entry follows."""
        sealed.run("UPDATE execution SET lease_until = '2099-01-01 00:00:00' WHERE id = 7")

        examine(sealed)

    def test_that_were_put_in_are_found(self, sealed: Store) -> None:
        """A row without an entry was not made by the registry."""
        sealed.run(
            "INSERT INTO member (is_valid, revision, organisation_id, email, role, user_id) "
            "VALUES (TRUE, 1, 2, 'intruder@example.org', 'manager', 3)"
        )

        with pytest.raises(IntegrityError, match="are not as the audit log says: member/1;"):
            examine(sealed)

    def test_that_were_deleted_are_found(self, sealed: Store) -> None:
        """The registry deletes nothing that it follows."""
        sealed.run("DELETE FROM token WHERE id IN (4, 11)")

        with pytest.raises(IntegrityError, match=r"are gone, but not from .*: token/4, token/11;"):
            examine(sealed)

    def test_that_were_edited_before_a_change_are_found(self, copied: Store) -> None:
        """A change by hand shows though the registry changed the row after it."""
        copied.run("UPDATE cube SET kind = 'metrics' WHERE id = 1")
        with copied.opened() as database:
            rename(database, "another")

        with pytest.raises(IntegrityError, match=r"changed between two entries .*: cube/1;"):
            examine(copied)

    def test_that_are_many_are_not_all_named(self, sealed: Store) -> None:
        """The first ten are named."""
        sealed.run("UPDATE approval SET reason = 'because'")

        with pytest.raises(IntegrityError, match=r"approval/1, .*approval/10 and more;"):
            examine(sealed)

    def test_that_refer_to_none_are_found(self, sealed: Store) -> None:
        """A reference that leads nowhere is found; PostgreSQL lets none be."""
        if sealed.kind == "postgresql":
            return
        with closing(sqlite3.connect(sealed.address)) as careless:
            careless.execute("INSERT INTO delegate (approval_id, user_id) VALUES (1, 99)")
            careless.commit()

        with pytest.raises(IntegrityError, match="refer to what is not there: delegate/1;"):
            examine(sealed)


class TestLog:
    @pytest.mark.parametrize(
        ("edit", "found"),
        [
            ("DELETE FROM audit WHERE position = 40", "position 40"),
            ("UPDATE audit SET action = 'nothing' WHERE position = 7", "position 7"),
            ("UPDATE audit SET position = 999 WHERE position = 3", "position 3"),
            ("UPDATE audit SET sha256 = before_sha256 WHERE position = 90", "position 90"),
        ],
    )
    def test_that_was_edited_is_found(self, sealed: Store, edit: str, found: str) -> None:
        """A sealed entry that was changed, moved or taken out breaks the chain where it was."""
        sealed.run(edit)

        with pytest.raises(IntegrityError, match=found):
            examine(sealed)

    @pytest.mark.parametrize("back", [0, 1])
    def test_that_lost_an_entry_before_its_seal_is_found(self, copied: Store, back: int) -> None:
        """An entry that was taken out before it was sealed is missed by those around it."""
        with copied.opened() as database:
            rename(database, "another")
            rename(database, "yet another")

        last = len(copied.rows()["audit"])
        with copied.connected() as connection:
            connection.execute(delete(AUDIT).where(AUDIT.c.id == last - back))

        with pytest.raises(IntegrityError, match="cube/1;"):
            examine(copied)
