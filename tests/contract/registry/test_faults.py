"""The database goes away, its disk is full, a token ends in the middle: refused, never half, and on it goes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, NullPool, create_engine

from rounds.records.people import TokenIn
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry.requests import Asker, is_problem
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.small_disk import SmallDisk, small_disk
from tests.contract.registry.world import World
from tests.postgres import need_postgres, postgres_server

LONGEST_S = 20
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture(params=KINDS)
def disk(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path
) -> Iterator[SmallDisk]:
    """A small disk with a database of each kind in turn."""
    with small_disk(request.param, databases, tmp_path) as made:
        yield made


class TestDatabaseAway:
    @pytest.mark.postgres
    def test_is_503_and_the_registry_goes_on_by_itself(self, tmp_path: Path) -> None:
        """While PostgreSQL is down each request is a problem of 503; once it is up all is as before."""
        need_postgres()
        with (
            postgres_server() as server,
            serve_registry(tmp_path, database=server.create_database("rounds")) as served,
            ExitStack() as stack,
        ):
            asker = Asker(served.url, World(served=served, stack=stack).admin_secret)
            asker.register("before")

            server.stop()
            away = [asker.register("between"), asker.get("/cubes")]
            server.start()

            back = until_done(asker, "between")
            assert [is_problem(answer, 503) for answer in away] == [True, True]
            assert back.status_code == 201
            assert names(asker) == ["before", "between"]
            assert registrations(asker) == 2


class TestDiskFull:
    def test_refuses_the_write_and_goes_on_when_there_is_room(
        self, disk: SmallDisk, tmp_path: Path
    ) -> None:
        """A write without room is a problem of 503 and leaves nothing; reads go on, and writes with room."""
        with serve_registry(tmp_path, database=disk.address) as served, ExitStack() as stack:
            asker = Asker(served.url, World(served=served, stack=stack).admin_secret)
            disk.fill()

            stored, refused = write_until_refused(asker)
            seen = names(asker)
            disk.clear()

            again = until_done(asker, f"cube-{stored}")
            assert is_problem(refused, 503)
            assert seen == [f"cube-{n}" for n in range(stored)]
            assert again.status_code == 201
            assert names(asker) == [f"cube-{n}" for n in range(stored + 1)]
            assert registrations(asker) == stored + 1


class TestRevocation:
    def test_during_a_request_leaves_it_done_or_refused(self, world: World) -> None:
        """A request that waits while its token is revoked is done whole, or refused and leaves nothing."""
        owner = world.person("owner")
        token = owner.mint_token(owner.me().id, TokenIn(label="laptop"))
        asker = Asker(world.served.url, token.secret or "")

        with ThreadPoolExecutor() as pool:
            with held(world.served.database) as connection:
                waiting = pool.submit(asker.register, "tree")
                until_held(connection)
                ending = pool.submit(owner.revoke_token, token.id)
            answer = waiting.result()
            ending.result()

        admin = Asker(world.served.url, world.admin_secret)
        assert answer.status_code in {201, 401}
        stored = int(answer.status_code == 201)
        assert (len(names(admin)), registrations(admin)) == (stored, stored)
        assert is_problem(asker.get("/cubes"), 401)


def write_until_refused(asker: Asker) -> tuple[int, httpx.Response]:
    """How many writes were stored before one was not, and the answer to that."""
    for number in range(1000):
        answer = asker.register(f"cube-{number}")
        if not answer.is_success:
            return number, answer
    raise AssertionError("found room for a thousand writes, needed a disk that is full")


def until_done(asker: Asker, name: str) -> httpx.Response:
    """The answer once a cube's registration is no 503 any more."""
    until = time.monotonic() + LONGEST_S
    while (answer := asker.register(name)).status_code == 503:
        assert time.monotonic() < until, "found the registry away still, needed it back"
        time.sleep(0.05)
    return answer


def names(asker: Asker) -> list[str]:
    """The cubes' names, by id."""
    return [cube["name"] for cube in asker.get("/cubes?limit=1000").json()["items"]]


def registrations(asker: Asker) -> int:
    """How many cubes the audit log says were registered."""
    found = asker.get("/audit?action=cube.register").json()["total"]
    return int(found)


@contextmanager
def held(address: str) -> Iterator[Connection]:
    """A transaction which no new cube can pass while the block lasts."""
    is_sqlite = "://" not in address
    engine = create_engine(f"sqlite:///{address}" if is_sqlite else address, poolclass=NullPool)
    with engine.connect() as connection:
        statement = "BEGIN IMMEDIATE" if is_sqlite else "LOCK TABLE cube IN EXCLUSIVE MODE"
        connection.exec_driver_sql(statement)
        yield connection
        connection.rollback()


def until_held(connection: Connection) -> None:
    """Return once a request waits; SQLite does not tell who does."""
    until = time.monotonic() + LONGEST_S
    is_sqlite = connection.dialect.name == "sqlite"
    while not is_sqlite and connection.exec_driver_sql(WAITING).scalar() == 0:
        assert time.monotonic() < until, "found nobody waiting, needed the request to"
        time.sleep(0.01)
