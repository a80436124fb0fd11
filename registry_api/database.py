"""The database: SQLite, durable, and one transaction for each request.

1. WAL and `synchronous=FULL`: what was committed is there after kill -9 and after a power cut.
2. A write begins IMMEDIATE, so that it waits for its turn at the start and never fails in its middle.
3. A read begins deferred and sees one snapshot.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import Session

from registry_api import models

BUSY_TIMEOUT_MS = 20_000
BEGIN = "begin"


class Database:
    """The registry's database, and whom to wake after a write."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = _engine(path)
        self._writer = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        self.after_write: Callable[[], None] = lambda: None

    def create_tables(self) -> None:
        """Make the tables that are not there yet."""
        models.Row.metadata.create_all(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one snapshot; whatever it changed is dropped."""
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed when the block ends, and rolled back if it raises."""
        with Session(self._writer, expire_on_commit=False) as session:
            yield session
            session.commit()
        self.after_write()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", pool_size=20, max_overflow=40)

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))

    return engine
