"""What the throw-away PostgreSQL promises to the tests that use it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from tests.postgres import PostgresServer, need_postgres, postgres_server

HOLD_A_SERVER = """
import signal
from tests.postgres import postgres_server
with postgres_server() as server:
    print(server.folder, flush=True)
    signal.pause()
"""
COUNT_LONG = "SELECT count(*) FROM (SELECT generate_series(1, 5000000)) AS numbers"
pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[PostgresServer]:
    """A server for the tests that leave it up."""
    need_postgres()
    with postgres_server() as server:
        yield server


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    """A connection that commits each statement."""
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def is_alive(pid: object) -> bool:
    """Whether a process runs; one that only waits to be reaped has no folder any more."""
    return Path(f"/proc/{pid}/cwd").exists()


def ask(address: str, statement: str) -> list[object]:
    """The first column of what a statement answers."""
    with connected(address) as connection:
        return list(connection.exec_driver_sql(statement).scalars())


def make_database(server: PostgresServer, name: str, *cities: str) -> str:
    """The address of a new database with a table of cities."""
    address = server.create_database(name)
    with connected(address) as connection:
        connection.exec_driver_sql("CREATE TABLE city (name text PRIMARY KEY)")
        for city in cities:
            connection.exec_driver_sql("INSERT INTO city VALUES (%s)", (city,))
    return address


class TestDatabases:
    def test_come_from_a_template(self, server: PostgresServer) -> None:
        """A database made from a template has its tables and rows, and then its own life."""
        template = make_database(server, "cities", "Basel")

        copy = server.create_database("cities-copy", template="cities")
        ask(copy, "INSERT INTO city VALUES ('Łódź') RETURNING name")

        assert ask(copy, "SELECT name FROM city ORDER BY name") == ["Basel", "Łódź"]
        assert ask(template, "SELECT name FROM city") == ["Basel"]

    def test_go_in_spite_of_connections(self, server: PostgresServer) -> None:
        """A database that is dropped takes its connections with it."""
        address = server.create_database("in use")

        with connected(address) as connection:
            server.drop_database("in use")
            with pytest.raises(OperationalError, match="terminating connection"):
                connection.exec_driver_sql("SELECT 1")

        assert "in use" not in ask(server.address("postgres"), "SELECT datname FROM pg_database")


class TestServer:
    def test_listens_on_its_socket_only(self, server: PostgresServer) -> None:
        """No port of the network is open, and nobody but its user and root reaches the socket."""
        listened = ask(server.address("postgres"), "SHOW listen_addresses")

        assert listened == [""]
        assert server.folder.stat().st_mode & 0o077 == 0

    def test_keeps_its_data_while_it_is_down(self) -> None:
        """Stopped, it refuses connections; started again, it has what it had."""
        with postgres_server() as server:
            address = make_database(server, "cities", "Basel")

            server.stop()
            with pytest.raises(OperationalError, match="No such file"):
                ask(address, "SELECT 1")
            server.start()

            assert ask(address, "SELECT name FROM city") == ["Basel"]

    def test_stops_under_a_connection(self) -> None:
        """Who is connected does not hold up the end, and it is an end in order."""
        with postgres_server() as server, connected(server.address("postgres")) as connection:
            server.stop()

            with pytest.raises(OperationalError, match="terminating connection"):
                connection.exec_driver_sql("SELECT 1")
            log = (server.folder / "log").read_text()
            assert "received fast shutdown request" in log
            assert log.rstrip().endswith("database system is shut down")

    def test_keeps_what_was_committed_when_it_is_killed(self) -> None:
        """A durable server, killed under an open connection, starts at once with every commit."""
        with postgres_server(durable=True) as server:
            address = make_database(server, "cities", "Basel")
            with connected(address) as connection:
                connection.exec_driver_sql("INSERT INTO city VALUES ('Genf')")

                server.kill()
                server.start()

            assert ask(address, "SELECT name FROM city ORDER BY name") == ["Basel", "Genf"]

    def test_is_gone_whole_when_it_is_killed(self) -> None:
        """`kill` waits for its last process, even for one that is too busy to see the end."""
        with postgres_server() as server, closing(server._connect()) as busy:
            address = server.address("postgres")
            pids = ask(address, "SELECT pid FROM pg_stat_activity")
            busy.pgconn.send_query(COUNT_LONG.encode())
            while COUNT_LONG not in ask(address, "SELECT query FROM pg_stat_activity"):
                os.sched_yield()

            server.kill()

            assert [pid for pid in pids if is_alive(pid)] == []
            server.start()

    @pytest.mark.parametrize(("durable", "state"), [(False, "off"), (True, "on")])
    def test_forces_to_the_disk_if_asked(self, *, durable: bool, state: str) -> None:
        """The three settings that a commit's safety hangs on go together."""
        with postgres_server(durable=durable) as server:
            address = server.address("postgres")

            assert ask(address, "SHOW fsync") == [state]
            assert ask(address, "SHOW full_page_writes") == [state]
            assert ask(address, "SHOW synchronous_commit") == [state]

    def test_knows_nothing_of_another(self, server: PostgresServer) -> None:
        """Two servers at once hold databases of one name with different rows."""
        first = make_database(server, "twins", "Basel")

        with postgres_server() as other:
            second = make_database(other, "twins", "Genf")

            assert ask(first, "SELECT name FROM city") == ["Basel"]
            assert ask(second, "SELECT name FROM city") == ["Genf"]


class TestEnd:
    def test_comes_with_an_error_too(self) -> None:
        """A block that raises leaves neither a server nor a folder."""
        with pytest.raises(ZeroDivisionError, match="in the block"), postgres_server() as server:
            raise ZeroDivisionError("in the block")

        assert server._process is None
        assert not server.folder.exists()

    def test_comes_with_a_killed_owner(self) -> None:
        """The owner's SIGKILL ends the server and deletes the folder."""
        owner = subprocess.Popen([sys.executable, "-c", HOLD_A_SERVER], stdout=subprocess.PIPE)
        assert owner.stdout is not None
        folder = Path(owner.stdout.readline().decode().strip())
        server_pid = (folder / "data" / "postmaster.pid").read_text().split()[0]

        owner.send_signal(signal.SIGKILL)
        owner.communicate()

        until = time.monotonic() + 30
        while folder.exists() and time.monotonic() < until:
            os.sched_yield()
        assert not folder.exists()
        assert not is_alive(server_pid)


class TestFolder:
    def test_is_refused_if_its_path_is_long(self, tmp_path: Path) -> None:
        """A socket's path has a limit, said before anything is made; nothing stays behind."""
        deep = tmp_path / ("deep" * 20)
        deep.mkdir()

        with (
            pytest.raises(RuntimeError, match="a path of at most 100 bytes: name a folder nearer"),
            postgres_server(deep),
        ):
            pass

        assert list(deep.iterdir()) == []

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
    def test_is_refused_if_the_server_may_not_enter(self, tmp_path: Path) -> None:
        """A folder that is closed to the server's user is named as the cause; nothing stays behind."""
        tmp_path.chmod(0o700)

        with (
            pytest.raises(RuntimeError, match="needed a folder that the server's user may enter"),
            postgres_server(tmp_path),
        ):
            pass

        assert list(tmp_path.iterdir()) == []
