"""Writes that are going on while the registry, or its database, is killed."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import select

from registry_api.models import AnswerRow, AuditRow, CubeRow
from registry_api.services import audit
from registry_api.storage.database import Database
from rounds.audit import export_lines, verify_lines
from rounds.records.people import Role
from tests.contract.registry.builders import make_cube
from tests.contract.registry.processes import patient_client, processes
from tests.postgres import need_postgres, postgres_server

N_WRITERS = 4
LONGEST_S = 300


@dataclass
class Writing:
    """Cubes that several writers register at once, each asked for again until it is acknowledged.

    `ids` are those that were acknowledged, by the cubes' names.
    """

    urls: list[str]
    secret: str
    total: int
    ids: dict[str, int] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def write(self, first: int) -> None:
        """Register every cube whose number is `first` plus a multiple of the writers' number."""
        with patient_client(self.urls[first % len(self.urls)], self.secret) as client:
            for number in range(first, self.total, N_WRITERS):
                cube = client.register_cube(make_cube(f"cube-{number}"))
                with self.changed:
                    self.ids[cube.name] = cube.id
                    self.changed.notify_all()

    def wait_for(self, number: int) -> None:
        """Return once so many were acknowledged."""
        with self.changed:
            come = self.changed.wait_for(lambda: len(self.ids) >= number, timeout=LONGEST_S)
        assert come, f"found {len(self.ids)} acknowledged writes, needed {number}"


@contextmanager
def going_on(writing: Writing) -> Iterator[None]:
    """All writers at it; at the end of the block they have all come to theirs."""
    with ThreadPoolExecutor(N_WRITERS) as pool:
        at_it = [pool.submit(writing.write, first) for first in range(N_WRITERS)]
        yield
        for writer in at_it:
            writer.result()


@dataclass(frozen=True)
class Books:
    """What a database holds of the cubes, read without the registry."""

    ids: dict[str, int]
    audited: Counter[str]
    answers: int
    chain: list[str]


def read_books(address: str) -> Books:
    """The books, every audit row of which is in the chain first."""
    database = Database(address)
    while database.write(audit.seal, leads=True):
        pass
    with database.reading() as session:
        cubes = session.exec(select(CubeRow)).all()
        rows = session.exec(select(AuditRow).where(AuditRow.action == "cube.register")).all()
        answers = session.exec(select(AnswerRow)).all()
        books = Books(
            ids={cube.name: cube.key for cube in cubes},
            audited=Counter(row.subject for row in rows),
            answers=sum('"digest"' in (row.body or "") for row in answers),
            chain=list(export_lines(audit.links(session))),
        )
    database.close()
    return books


def check(books: Books, writing: Writing) -> None:
    """Assert that each acknowledged cube is there once and whole, and nothing else is."""
    assert books.ids == writing.ids
    assert len(books.ids) == writing.total
    assert books.audited == {f"cube/{key}": 1 for key in writing.ids.values()}
    assert books.answers == writing.total
    verify_lines(books.chain)


class TestKill:
    def test_of_the_api_loses_no_write_and_makes_none_twice(
        self, database: str, tmp_path: Path
    ) -> None:
        """Through 2,000 writes by two processes and four kill -9, each is there once, whole and audited."""
        moments = sorted(random.Random(9).sample(range(50, 1950), 4))  # noqa: S311  no secret
        with processes(database, tmp_path, count=2) as served:
            secret = served.world.token("admin", Role.MEMBER)
            writing = Writing([api.url for api in served.running], secret, total=2000)

            with going_on(writing):
                for moment, api in zip(moments, 2 * served.running, strict=True):
                    writing.wait_for(moment)
                    api.kill()
                    api.start()

        check(read_books(database), writing)

    @pytest.mark.postgres
    def test_of_the_database_loses_no_write_and_makes_none_twice(self, tmp_path: Path) -> None:
        """PostgreSQL killed with SIGKILL and started again: the registry goes on, and all is there."""
        need_postgres()
        with postgres_server(durable=True) as server:
            address = server.create_database("rounds")
            with processes(address, tmp_path) as served:
                secret = served.world.token("admin", Role.MEMBER)
                writing = Writing([served.running[0].url], secret, total=300)

                with going_on(writing):
                    for moment in (60, 170):
                        writing.wait_for(moment)
                        server.kill()
                        server.start()

            check(read_books(address), writing)
