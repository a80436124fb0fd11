"""The tables go from release to release and back, and end up as the models have them."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import SchemaItem

from registry_api.models import Row
from registry_api.storage.migrating import downgrade, known_revisions, need_current, upgrade
from rounds.errors import Conflict, Unreachable
from tests.contract.registry_storage.stores import Store

# Alembic reads no descending order of SQLite's; the schemas' own words, which are compared too, have it.
DESCENDING = frozenset({"cell_order", "cell_of_benchmark", "cell_of_dataset"})


def migrate(store: Store, *revisions: str) -> None:
    """Take a database up ("0002", "head") or down ("-0001") through revisions."""
    with store.opened() as database:
        for revision in revisions:
            if revision.startswith("-"):
                downgrade(database.engine, revision[1:])
            else:
                upgrade(database.engine, revision)


class TestUpgrade:
    def test_makes_the_models_tables(self, store: Store, reference: Store) -> None:
        """A new database has to the letter the tables, rules and indexes that the models would make."""
        with reference.connected() as connection:
            Row.metadata.create_all(connection)

        migrate(store, "head")

        assert store.schema() == reference.schema()

    def test_leaves_nothing_to_generate(self, store: Store) -> None:
        """Alembic finds no difference between the tables and the models: each change has its migration."""
        migrate(store, "head")

        with store.connected() as connection:
            is_compared = is_seen_on_sqlite if store.kind == "sqlite" else None
            options = {"compare_type": True, "include_object": is_compared}
            context = MigrationContext.configure(connection, opts=options)
            differences = compare_metadata(context, Row.metadata)

        assert differences == []

    def test_brings_the_first_release_along(self, store: Store, reference: Store) -> None:
        """A database that the first release made, which has no revision, gets the same tables as a new one."""
        store.fill_as_first_release()

        migrate(store, "head")

        migrate(reference, "head")
        assert store.schema() == reference.schema()

    def test_is_done_once(self, store: Store) -> None:
        """A second time there is nothing to do."""
        store.fill_as_first_release()
        migrate(store, "head")
        rows = store.rows()

        migrate(store, "head")

        assert store.rows() == rows

    def test_leaves_a_strangers_tables_alone(self, store: Store) -> None:
        """Tables without a revision that are no release's are not touched."""
        store.run("CREATE TABLE patients (id INTEGER PRIMARY KEY)")

        with pytest.raises(Conflict, match="found tables without a revision that are no release's"):
            migrate(store, "head")

        assert list(store.rows()) == ["patients"]

    def test_is_all_or_nothing(self, store: Store) -> None:
        """A migration that fails in its middle leaves the database as it was."""
        store.fill_as_first_release()
        store.run("UPDATE benchmark SET status = 'PENDING'")
        rows, schema = store.rows(), store.schema()

        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            migrate(store, "head")

        assert (store.rows(), store.schema()) == (rows, schema)


class TestDowngrade:
    def test_makes_the_first_releases_tables(self, store: Store, reference: Store) -> None:
        """Back at the first release its tables are there to the letter."""
        migrate(store, "head", "-0001")

        reference.fill_as_first_release()
        assert store.schema() == reference.schema()

    def test_may_be_repeated(self, store: Store, reference: Store) -> None:
        """Down twice, up, and down again ends with the same tables as down once."""
        migrate(store, "head", "-0001", "-0001", "head", "-0001")

        migrate(reference, "0001")
        assert store.schema() == reference.schema()

    def test_ends_with_nothing(self, store: Store) -> None:
        """Before the first release there were no tables."""
        store.fill_as_first_release()

        migrate(store, "head", "-base")

        assert store.rows() == {}


class TestNeedCurrent:
    def test_passes_after_an_upgrade(self, store: Store) -> None:
        """The tables of this version are taken."""
        migrate(store, "head")

        with store.connected() as connection:
            need_current(connection)

        assert known_revisions()[0] == "0002"

    @pytest.mark.parametrize(
        ("revision", "found"), [("0001", "at 0001, needed 0002"), (None, "at no revision")]
    )
    def test_refuses_older_tables(self, store: Store, revision: str | None, found: str) -> None:
        """Older tables are refused with what to do."""
        migrate(store, *([revision] if revision else []))

        with (
            store.connected() as connection,
            pytest.raises(Unreachable, match=rf"{found}.*run 'rounds registry migrate'"),
        ):
            need_current(connection)

    def test_refuses_newer_tables(self, store: Store) -> None:
        """Tables of a version that came later are refused with what to do."""
        migrate(store, "head")
        store.run("UPDATE alembic_version SET version_num = '9999'")

        with (
            store.connected() as connection,
            pytest.raises(Unreachable, match=r"at 9999.*a newer version made them"),
        ):
            need_current(connection)


def is_seen_on_sqlite(_item: SchemaItem, name: str | None, kind: str, *_rest: object) -> bool:
    """Whether Alembic can tell if a thing differs."""
    return kind != "index" or name not in DESCENDING
