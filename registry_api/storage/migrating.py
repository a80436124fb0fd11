"""The tables' versions: made and brought up to date by Alembic, one step a release."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from registry_api.storage.database import BEGIN
from registry_api.storage.migrations.release_1.tables import METADATA as FIRST_TABLES
from rounds.errors import Conflict, Unreachable

SCRIPTS = Path(__file__).with_name("migrations")
FIRST = "0001"
MIGRATOR = 0x6D69677261746F72  # an advisory lock's number: "migrator"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up to a revision, one transaction for all of it.

    Nothing is there, then they are made. The first release, which made its tables without a revision, is
    known by them.

    Raises:
        Conflict: There are tables without a revision that are no release's.
    """
    with changing(engine) as connection:
        upgrade_within(connection, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision, keeping what it can hold."""
    with changing(engine) as connection:
        command.downgrade(_config(connection), revision)


def upgrade_within(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up to a revision, in the caller's transaction.

    Raises:
        Conflict: There are tables without a revision that are no release's.
    """
    _know(connection)
    command.upgrade(_config(connection), revision)


def make_anew(connection: Connection, revision: str) -> None:
    """Make the empty tables of a revision in place of all that are there, in the caller's transaction.

    Raises:
        Conflict: There are tables without a revision that are no release's.
    """
    _know(connection)
    command.downgrade(_config(connection), "base")
    command.upgrade(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """The revision that the tables are at, None where there are none.

    Raises:
        Conflict: There are tables without a revision that are no release's.
    """
    written = _written_revision(connection)
    if written is not None:
        return written
    return FIRST if _has_first_tables(connection) else None


@cache
def known_revisions() -> tuple[str, ...]:
    """Every revision that this version knows, the newest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return tuple(script.revision for script in scripts.walk_revisions())


def need_current(connection: Connection) -> None:
    """Pass if the tables are of this version.

    Raises:
        Unreachable: They are of another; says what to do.
    """
    found, known = _written_revision(connection), known_revisions()
    if found == known[0]:
        return
    message = f"the database's tables are at {found or 'no revision'}, needed {known[0]}"
    if found is not None and found not in known:
        raise Unreachable(f"{message}; a newer version made them, so install that one")
    raise Unreachable(f"{message}; run 'rounds registry migrate'")


@contextmanager
def changing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which nobody else changes the tables, and which may take its time."""
    alone = {BEGIN: "BEGIN IMMEDIATE"} if engine.name == "sqlite" else {}
    # With READ COMMITTED, who waited for the lock sees what the one before it did.
    isolation = {} if engine.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with engine.execution_options(**alone, **isolation).begin() as connection:
        take_time(connection)
        if engine.name != "sqlite":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATOR})"))
        yield connection


def take_time(connection: Connection) -> None:
    """Have PostgreSQL not end the transaction for being long; SQLite does not."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def _know(connection: Connection) -> None:
    """Write down the revision of tables that were made without one."""
    if _written_revision(connection) is None and revision_of(connection) is not None:
        command.stamp(_config(connection), FIRST)


def _written_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _has_first_tables(connection: Connection) -> bool:
    inspector = inspect(connection)
    found = {
        name: {column["name"] for column in inspector.get_columns(name)}
        for name in inspector.get_table_names()
        if name != "alembic_version"
    }
    needed = {table.name: set(table.c.keys()) for table in FIRST_TABLES.sorted_tables}
    if found and found != needed:
        raise Conflict(
            "found tables without a revision that are no release's, "
            "needed an empty database or a registry's; name another database"
        )
    return bool(found)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
