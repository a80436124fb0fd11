"""Databases at any release, and what is in them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, MetaData, insert, select, text

from registry_api.storage.database import Database
from registry_api.storage.migrations.moving import number_on
from registry_api.storage.migrations.release_1.tables import METADATA
from tests.contract.registry.databases import Databases

FIRST_RELEASE = Path(__file__).with_name("first_release.sql")
VERSION = "alembic_version"
NUMBERS = count()
POSTGRES_SCHEMA = (
    "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL",
    "SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = 'public'",
)
SQLITE_SCHEMA = ("SELECT tbl_name, type, name, sql FROM sqlite_master",)
Row = dict[str, object]
Rows = dict[str, list[Row]]


@dataclass(frozen=True)
class Store:
    """A database of one kind, empty at first."""

    kind: str
    address: str

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """It, as the registry opens it."""
        with closing(Database(self.address)) as database:
            yield database

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A transaction in it."""
        with self.opened() as database, database.engine.begin() as connection:
            yield connection

    def fill_as_first_release(self) -> None:
        """Make it what the first release left: its tables and rows, and no revision."""
        if self.kind == "sqlite":
            with closing(sqlite3.connect(self.address)) as made:
                made.executescript(FIRST_RELEASE.read_text(encoding="utf-8"))
            return
        rows = first_rows()
        with self.connected() as connection:
            METADATA.create_all(connection)
            for table in METADATA.sorted_tables:
                connection.execute(insert(table), rows[table.name])
            number_on(connection, METADATA.sorted_tables)

    def run(self, statement: str) -> None:
        """Have a statement take effect behind the registry's back."""
        with self.connected() as connection:
            connection.execute(text(statement))

    def rows(self) -> Rows:
        """Every row of every table, by the tables' names."""
        with self.connected() as connection:
            return rows_of(connection)

    def schema(self) -> list[str]:
        """All that the database says of its tables, but of the one that holds the revision."""
        statements = SQLITE_SCHEMA if self.kind == "sqlite" else POSTGRES_SCHEMA
        with self.connected() as connection:
            said = [row for one in statements for row in connection.execute(text(one))]
        return sorted(repr(tuple(row)) for row in said if row[0] != VERSION)


@contextmanager
def lent_store(databases: Databases, kind: str, folder: Path) -> Iterator[Store]:
    """An empty database, which is gone after the block."""
    name = f"empty_{next(NUMBERS)}"
    if kind == "sqlite":
        yield Store(kind, str(folder / f"{name}.db"))
        return
    server = databases.server()
    yield Store(kind, server.create_database(name))
    server.drop_database(name)


@contextmanager
def lent_copy(databases: Databases, original: Store, folder: Path) -> Iterator[Store]:
    """A copy of a database to which nobody is connected; it is gone after the block."""
    name = f"copy_{next(NUMBERS)}"
    if original.kind == "sqlite":
        yield Store(original.kind, str(shutil.copy(original.address, folder / f"{name}.db")))
        return
    server = databases.server()
    template = original.address.rpartition("/")[2].partition("?")[0]
    yield Store(original.kind, server.create_database(name, template=template))
    server.drop_database(name)


def first_rows() -> Rows:
    """What the first release left, by the tables' names."""
    with TemporaryDirectory() as folder:
        store = Store("sqlite", str(Path(folder) / "first.db"))
        store.fill_as_first_release()
        return store.rows()


def rows_of(connection: Connection) -> Rows:
    """Every row of every table, in the order of their keys and with moments in UTC."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: [
            {name: _in_utc(value) for name, value in row.items()}
            for row in connection.execute(
                select(table).order_by(*table.primary_key.columns)
            ).mappings()
        ]
        for table in metadata.sorted_tables
        if table.name != VERSION
    }


def by_id(rows: list[Row]) -> dict[int, Row]:
    """Rows by their ids."""
    return {row["id"]: row for row in rows if isinstance(row["id"], int)}


def _in_utc(value: object) -> object:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
