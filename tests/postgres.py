"""A throw-away PostgreSQL for tests: its own folder, a Unix socket, nobody else's server."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from tests.postgres_programs import (
    PROGRAMS,
    clean_behind,
    find_programs,
    launch,
    server_account,
)

INSTALLED = Path("/usr/lib/postgresql")  # where Debian puts each version's programs
OWNER = "rounds"
PORT = "5432"
MEMORY = Path("/dev/shm")  # noqa: S108  entered through mkdtemp only
ROOM_BYTES = 2 * 2**30  # a cluster, its log and some dozens of databases
LONGEST_SOCKET_BYTES = 100  # the system's limit is 107, or 103 on some
COPIES_FILES_IF_ASKED = 150_000  # from 15 on a copy goes through the log, in twice the time
START_S = 60
END_S = 30
HASTY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")


def need_postgres(installed: Path = INSTALLED) -> None:
    """Skip the test without PostgreSQL; fail it where engines are required."""
    reason = why_missing(installed)
    if reason is None:
        return
    if os.environ.get("ROUNDS_REQUIRE_ENGINES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def why_missing(installed: Path = INSTALLED) -> str | None:
    """None where PostgreSQL is on the PATH or below `installed`, else how to install it."""
    if find_programs(installed) is not None:
        return None
    return (
        f"found no folder with {', '.join(PROGRAMS)}, needed a PostgreSQL server: "
        "run 'apt-get install postgresql'"
    )


@dataclass
class PostgresServer:
    """One PostgreSQL server of this process, which may end and start again on the same data."""

    programs: Path
    folder: Path
    durable: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def address(self, database: str) -> str:
        """The SQLAlchemy address of one of its databases."""
        return URL.create(
            "postgresql+psycopg",
            username=OWNER,
            database=database,
            query={"host": str(self.folder), "port": PORT},
        ).render_as_string()

    def create_database(self, name: str, template: str | None = None) -> str:
        """The address of a new database, a copy of `template` if one is named.

        Nobody may be connected to the template meanwhile.
        """
        copied = sql.Identifier(template or "template1")
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), copied)
        with self._connect() as connection:
            if not self.durable and connection.info.server_version >= COPIES_FILES_IF_ASKED:
                statement += sql.SQL(" STRATEGY FILE_COPY")
            connection.execute(statement)
        return self.address(name)

    def drop_database(self, name: str) -> None:
        """Delete a database and end every connection to it."""
        statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        with self._connect() as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Return once the server answers; at once if it is up.

        Raises:
            RuntimeError: It ended, or gave no answer in time; its log's end is in the message.
        """
        if self._process is not None:
            return
        log = self.folder / "log"
        # Its processes inherit the pipe: the end of the pipe is the end of the last of them.
        with log.open("ab") as written:
            self._process = launch(self._command(), self.folder, subprocess.PIPE, written)
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(
                    f"found no answer from PostgreSQL, needed one in {START_S} s; its log ends: "
                    + log.read_text(errors="replace")[-2000:]
                )

    def stop(self) -> None:
        """End the server in order, as `pg_ctl stop -m fast` does; with SIGKILL if it takes too long.

        Connections are closed and open transactions undone. Nothing happens if it is down.
        """
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server with SIGKILL and return once its last process is gone.

        What was committed just before may be lost unless the server is `durable`. A later start
        clears 56 bytes of the system's shared memory that mark the data as in use.
        """
        self._end(signal.SIGKILL)

    def _command(self) -> list[str]:
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", f"port={PORT}"]
        # in the folder, where nothing is left of it when a killed server never starts again
        settings.append("dynamic_shared_memory_type=mmap")
        settings.extend(() if self.durable else HASTY)
        options = [word for setting in settings for word in ("-c", setting)]
        return [str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options]

    def _answers(self) -> bool:
        command = [str(self.programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", PORT]
        command += ["-U", OWNER, "-d", "postgres"]
        asked = subprocess.run(command, check=False)
        return asked.returncode == 0

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), port=PORT, user=OWNER, dbname="postgres", autocommit=True
        )

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.send_signal(how)
        try:
            process.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=END_S)


@contextmanager
def postgres_server(
    folder: Path | None = None, *, durable: bool = False
) -> Iterator[PostgresServer]:
    """A running server for as long as the block lasts, made below `folder` and deleted with its data.

    It ends and is deleted as well if this process is killed. Without `durable` nothing is forced to
    the disk.

    Args:
        folder: A short path that the server's user may enter; for root that is the user `postgres`,
            who may not enter pytest's `tmp_path`. If None, a folder in memory where there is room,
            because each database is 300 files; else, and if `durable`, the system's temporary one.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
        RuntimeError: The folder cannot hold a server, or the server does not start.
    """
    programs = find_programs(INSTALLED)
    if programs is None:
        raise FileNotFoundError(why_missing())
    if folder is None and not durable and _has_room(MEMORY):
        folder = MEMORY
    home = Path(tempfile.mkdtemp(prefix="rounds-pg-", dir=folder))
    with clean_behind(home):
        _initialise(programs, home)
        server = PostgresServer(programs, home, durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ROOM_BYTES


def _initialise(programs: Path, home: Path) -> None:
    if len(os.fsencode(home / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_BYTES:
        raise RuntimeError(
            f"found a folder with a long path, needed the server's socket in it to have a path of "
            f"at most {LONGEST_SOCKET_BYTES} bytes: name a folder nearer to the root"
        )
    if account := server_account():
        shutil.chown(home, account, account)
    command = [str(programs / "initdb"), "-D", str(home / "data"), "-U", OWNER, "-A", "trust"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    made = launch(command, home, subprocess.PIPE, subprocess.STDOUT)
    said, _ = made.communicate()
    if made.returncode != 0:
        raise RuntimeError(
            "found no database cluster after initdb, needed a folder that the server's user may "
            "enter and fill; it said: " + said.decode(errors="replace")[-2000:]
        )
