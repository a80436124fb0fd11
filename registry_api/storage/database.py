"""The database: SQLite in a file or PostgreSQL by its address, and one transaction for each request.

1. What was committed is there after kill -9: SQLite in WAL with `synchronous=FULL`, PostgreSQL as it is.
2. A write decides as though it were alone: on SQLite it begins IMMEDIATE and waits for its turn; on
   PostgreSQL it is SERIALIZABLE and done again if another one came between.
3. A read sees one snapshot.
"""

import fcntl
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, TypeVar

import psycopg
from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from rounds.errors import Conflict, SpecError

T = TypeVar("T")
BUSY_TIMEOUT_MS = 20_000
BEGIN = "begin"
TRIES = 12
# Who was in vain so often has a turn, in which nobody else commits: the last thing that a write does is to
# say so in the audit log. LOCK TABLE waits before PostgreSQL makes the transaction's snapshot.
IN_VAIN = 3
TURN = "LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"
LEADER = 0x526F756E6473  # an advisory lock's number: "Rounds"
CONNECT_TIMEOUT_S = 5
UNSAID = (None,) * 5
POSTGRES_OPTIONS = "-c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
FIRST_PAUSE_S = 0.002
# PostgreSQL's SQLSTATEs of a transaction that another one came between: serialization failure,
# deadlock, and a unique value taken meanwhile, which the next try finds and names.
MEANWHILE = frozenset({"40001", "40P01", "23505"})


class BriefCursor(psycopg.Cursor[Any]):
    """A cursor that says of its columns what SQLAlchemy asks for, name and type.

    psycopg makes an object of each that could say more, for every answer: longer than reading the answer.
    """

    @property
    def description(self) -> list[Any] | None:
        """Name and type of each column, and nothing of its size."""
        found = self.pgresult
        if found is None or not found.nfields:
            return None
        names = ((found.fname(number) or b"").decode() for number in range(found.nfields))
        return [(name, found.ftype(number), *UNSAID) for number, name in enumerate(names)]


class Database:
    """The registry's database, and whom to wake after a write."""

    def __init__(self, address: str, *, connections: int = 20) -> None:
        url = _read_address(address)
        self.after_write: Callable[[], None] = lambda: None
        self._engine: Engine
        self._reader: Engine
        self._writer: Engine
        self._alone: Engine
        self._lock: Callable[[], AbstractContextManager[bool]]
        if url.get_backend_name() == "sqlite":
            self._engine = _sqlite(url)
            self._reader = self._engine
            self._writer = self._engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
            self._alone = self._writer
            self._lock = partial(_file_lock, Path(f"{url.database}.leader"))
        else:
            self._engine = _postgres(url, connections)
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            self._writer = self._engine
            self._alone = self._engine.execution_options(isolation_level="READ COMMITTED")
            self._lock = partial(_advisory_lock, self._engine)

    @property
    def engine(self) -> Engine:
        """The engine, for migrations and backups."""
        return self._engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one snapshot; whatever it changed is dropped.

        PostgreSQL's, which can change nothing, ends with COMMIT: at a ROLLBACK psycopg forgets the statements
        that the connection has prepared, and each look would be planned anew.
        """
        with Session(self._reader) as session:
            yield session
            if self._engine.dialect.name == "postgresql":
                session.expunge_all()
                session.commit()

    def write(self, work: Callable[[Session], T], *, leads: bool = False) -> T:
        """What `work` answers, its changes committed; done anew if another write came between.

        Who `leads` writes what nobody else does, and is not compared with what others read.

        Raises:
            Conflict: Others came between too often.
        """
        engine = self._alone if leads else self._writer
        for attempt in range(TRIES):
            try:
                answer = _commit(engine, work, in_vain=attempt >= IN_VAIN)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in MEANWHILE:
                    raise
                time.sleep(random.random() * FIRST_PAUSE_S * 2**attempt)  # noqa: S311  no secret
            else:
                self.after_write()
                return answer
        raise Conflict("others changed the same things at the same time, needed a calmer moment")

    @contextmanager
    def leading(self) -> Iterator[bool]:
        """Whether this process leads while the block lasts: of all that share the database, one does.

        The lock ends with the block, however that ends, and with the connection or the process that holds
        it: who fails or is killed holds up nobody.
        """
        with self._lock() as taken:
            yield taken

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _commit(engine: Engine, work: Callable[[Session], T], *, in_vain: bool) -> T:
    with Session(engine, expire_on_commit=False) as session:
        if in_vain:
            session.connection().exec_driver_sql(TURN)
        answer = work(session)
        session.commit()
    return answer


def _read_address(address: str) -> URL:
    """A database's address; a bare path is a SQLite file.

    Raises:
        SpecError: It is of another kind of database, or no address.
    """
    try:
        url = make_url(address if "://" in address else f"sqlite:///{address}")
    except ArgumentError:
        url = None
    if url is not None and url.get_backend_name() == "sqlite" and url.database:
        return url.set(drivername="sqlite")
    if url is not None and url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise SpecError("found no database address, needed a file's path or postgresql://host/name")


def _sqlite(url: URL) -> Engine:
    Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, pool_size=20, max_overflow=40, json_deserializer=from_json)

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _: ConnectionPoolEntry) -> None:
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


def _postgres(url: URL, connections: int) -> Engine:
    return create_engine(
        url,
        isolation_level="SERIALIZABLE",
        pool_size=connections,
        max_overflow=0,
        json_deserializer=from_json,
        pool_use_lifo=True,  # the last one used has its statements prepared
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": POSTGRES_OPTIONS,
            "cursor_factory": BriefCursor,
            "prepare_threshold": 1,
        },
    )


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _advisory_lock(engine: Engine) -> Iterator[bool]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LEADER})")
        taken = bool(asked.scalar())
        try:
            yield taken
        finally:
            if taken:
                _unlock(connection)


def _unlock(connection: Connection) -> None:
    """Give up the advisory lock, if need be with the connection: back in the pool it would hold it for ever."""
    try:
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LEADER})")
    except DBAPIError:
        connection.invalidate()
