"""The duties go on, whatever one round or one of Prefect's answers is like; where they cannot, /ready says so."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, select

from registry_api.app import create_app
from registry_api.deliverer import MOST_FAILURES, deliver_all
from registry_api.models import OutboxRow
from registry_api.prefect_api import PrefectApi
from registry_api.services.notices import NoticeKind
from registry_api.settings import RegistrySettings
from registry_api.storage.database import Database
from rounds.errors import Conflict
from rounds.records.service import NoticeStatus
from tests.contract.registry.databases import Databases
from tests.contract.registry.serving import Clock, serve, serve_registry
from tests.contract.registry.world import World

RESUME, EVENT = NoticeKind.RESUME, NoticeKind.EVENT
LONGEST_S = 20
NOW = datetime(2026, 1, 1, tzinfo=UTC)
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
PACKED_BADLY = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
UNREADABLE = {
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    "another JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n[[1, 2]]",
    "packed badly": PACKED_BADLY,
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
}
END_THE_LEADERS_SESSION = """
    SELECT pg_terminate_backend(pid, 10000) FROM pg_locks JOIN pg_database ON oid = database
    WHERE locktype = 'advisory' AND datname = current_database()
"""
NOT_THERE = {
    **{
        str(status): b"HTTP/1.1 %d Later\r\nContent-Length: 0\r\n\r\n" % status
        for status in (408, 429, 502, 503, 504)
    },
    "no answer": b"",
}


@dataclass
class StoppedClock(Clock):
    """A clock that can break for the duties, as nobody thought that it could."""

    broken: bool = False

    def __call__(self) -> datetime:
        """What it shows."""
        if self.broken and threading.current_thread().name == "duties":
            raise ArithmeticError("found no time, needed a clock")
        return self.now


class TestRounds:
    @pytest.mark.postgres
    def test_end_quietly_with_the_session_that_leads(
        self, databases: Databases, tmp_path: Path
    ) -> None:
        """A lock that cannot be given up, its session being ended, spoils neither the round nor the next."""
        with databases.lent("postgresql", tmp_path) as address:
            opened, beside = Database(address), Database(address)

            with opened.leading() as first, beside.engine.begin() as connection:
                ended = connection.exec_driver_sql(END_THE_LEADERS_SESSION).all()
            with opened.leading() as again:
                pass

            opened.close()
            beside.close()
        assert (first, len(ended), again) == (True, 1, True)

    def test_outlive_an_answer_that_cannot_be_unpacked(self, database: str, tmp_path: Path) -> None:
        """An answer that breaks on its way ends neither the thread nor the duties after it."""
        with (
            answering(PACKED_BADLY) as url,
            serve_registry(tmp_path, database=database, prefect_api_url=url) as served,
            ExitStack() as stack,
        ):
            world = World(served=served, stack=stack)
            world.propose()
            until(lambda: bool(world.admin.notices()[0].failures))

            world.person("later")

            until(lambda: world.admin.audit_head().unsealed == 0)
            assert httpx.get(f"{served.url}/ready").status_code == 200

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_are_missed_by_readiness(self, database: str) -> None:
        """A process whose duties have ended is not ready, though it lives, and says what is wrong."""
        clock = StoppedClock()
        settings = RegistrySettings(database=database, tick_s=0.05, breath_s=0.05)
        with serve(create_app(settings, clock=clock)) as url:
            before = httpx.get(f"{url}/ready")

            clock.broken = True

            until(lambda: not httpx.get(f"{url}/ready").is_success)
            after, alive = httpx.get(f"{url}/ready"), httpx.get(f"{url}/health")
            assert (before.status_code, after.status_code, alive.status_code) == (200, 503, 200)
            assert after.json()["detail"] == (
                "found the thread that does the registry's duties ended, needed it at work; "
                "the log says why; start the process anew"
            )


class TestAnswers:
    @pytest.mark.parametrize("garbled", UNREADABLE.values(), ids=UNREADABLE.keys())
    def test_that_cannot_be_read_hold_up_no_other_notice(
        self, database: str, garbled: bytes
    ) -> None:
        """An answer that came and cannot be read counts against its own notice; the next is told."""
        with outbox(database, RESUME, EVENT) as opened, answering(garbled, to="resume") as url:
            deliver(opened, url)

            first, second = settled(opened)
        assert (first.status, first.failures) == (NoticeStatus.WAITING, 1)
        assert first.last_answer.startswith("an answer ")
        assert (second.status, second.failures) == (NoticeStatus.DELIVERED, 0)

    def test_that_are_never_readable_end_their_notice(self, database: str) -> None:
        """After as many unreadable answers as refusals a notice is dead, and waits for an administrator."""
        with outbox(database, EVENT) as opened, answering(PACKED_BADLY) as url:
            for number in range(MOST_FAILURES):
                deliver(opened, url, at=NOW + timedelta(hours=number))

            [found] = settled(opened)
        assert (found.status, found.failures) == (NoticeStatus.DEAD, MOST_FAILURES)

    @pytest.mark.parametrize("said", NOT_THERE.values(), ids=NOT_THERE.keys())
    def test_that_say_nobody_is_there_count_against_none(self, database: str, said: bytes) -> None:
        """While Prefect is away, or says that it cannot now, nothing is counted and nothing else is asked."""
        with outbox(database, RESUME, EVENT) as opened, answering(said, to="resume") as url:
            deliver(opened, url)

            found = settled(opened)
        assert [(row.status, row.failures) for row in found] == [(NoticeStatus.WAITING, 0)] * 2

    @pytest.mark.parametrize("said", [FINE, PACKED_BADLY], ids=["delivered", "waiting"])
    def test_settle_only_what_waits(self, database: str, said: bytes) -> None:
        """A notice that another process settled meanwhile stays as that one left it."""
        with outbox(database, EVENT) as opened, answering(said) as url:
            with pytest.raises(Conflict, match="found gone, which may become nothing"):
                deliver(opened, url, meanwhile=lambda: opened.write(settle_all))

            [found] = settled(opened)
        assert (found.status, found.failures) == (NoticeStatus.GONE, 0)


def deliver(
    database: Database,
    url: str,
    *,
    at: datetime = NOW,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Tell the Prefect at an address what is due; `meanwhile` happens before each notice is told."""

    def is_ending() -> bool:
        meanwhile()
        return False

    prefect = PrefectApi(url)
    try:
        deliver_all(database, prefect, at, is_ending=is_ending)
    finally:
        prefect.close()


@contextmanager
def outbox(address: str, *kinds: NoticeKind) -> Iterator[Database]:
    """A database with a notice of each of `kinds`, in this order."""
    opened = Database(address)
    opened.write(lambda session: fill(session, kinds))
    yield opened
    opened.close()


def fill(session: Session, kinds: tuple[NoticeKind, ...]) -> None:
    """Queue the notices, each about a subject of its own."""
    for kind in kinds:
        session.add(OutboxRow(kind=kind, subject=kind, body={"flow_run_id": "run"}, due_at=NOW))
        session.flush()


def settle_all(session: Session) -> None:
    """End every notice, as another process could."""
    for row in session.exec(select(OutboxRow)):
        row.status = NoticeStatus.GONE


def settled(database: Database) -> list[OutboxRow]:
    """The notices as they are now, in order."""
    with database.reading() as session:
        return list(session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all())


def until(come: Callable[[], bool]) -> None:
    """Return once something has come."""
    end = time.monotonic() + LONGEST_S
    while not come():
        assert time.monotonic() < end, "found it not come in time, needed it to"
        time.sleep(0.02)


@contextmanager
def answering(said: bytes, *, to: str = "") -> Iterator[str]:
    """The address of a server that answers whatever path has `to` in it with these bytes, all else well."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.wfile.write(said if to in self.path else FINE)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
