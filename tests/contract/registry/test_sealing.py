"""Every write ends up in the chain by itself, at one place for ever, whoever is killed meanwhile."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session

from cli.audit_export import export_log
from registry_api.models import AuditRow
from registry_api.services import audit
from registry_api.storage.database import Database
from rounds.audit import Verified, verify_lines
from rounds.client.registry import RegistryClient
from rounds.records.service import AuditHead
from tests.contract.registry.builders import make_cube
from tests.contract.registry.processes import patient_client, processes
from tests.contract.registry.world import World

LONGEST_S = 120
MANY = 6_000


class TestSealing:
    def test_takes_in_every_write_unasked(self, world: World, tmp_path: Path) -> None:
        """Each write is in the chain without a word: registrations, decisions, scores; and the chain is whole."""
        token, scores = world.granted()
        world.person("owner").submit(scores, fencing_token=token)

        head = until_sealed(world.admin)

        chain = exported(world.admin, tmp_path / "log")
        written = world.admin.audit()
        assert verify_lines(chain) == Verified(entries=head.entries, sha256=head.sha256)
        assert sorted(ids(chain)) == [entry.id for entry in written]
        assert {"cube.register", "approval.vote", "result.submit"} <= actions(chain)

    def test_only_makes_the_chain_longer(self, world: World, tmp_path: Path) -> None:
        """What was exported earlier is the beginning of what is exported later, and its head is known there."""
        world.propose()
        noted = until_sealed(world.admin)
        earlier = exported(world.admin, tmp_path / "earlier")
        world.grant(world.admin, world.admin.benchmarks()[0].approval_id)
        until_sealed(world.admin)

        later = exported(world.admin, tmp_path / "later")

        assert later[: noted.entries] == earlier[:-1]
        assert verify_lines(later, head=noted.sha256).entries > noted.entries


class TestTwoProcesses:
    def test_seal_each_write_once(self, database: str, tmp_path: Path) -> None:
        """What two processes write at the same time has one place each, one behind the other, with none left out."""
        with processes(database, tmp_path, count=2) as served:
            secret = served.world.admin_secret
            clients = [patient_client(api.url, secret) for api in served.running]

            with ThreadPoolExecutor() as pool:
                writers = [
                    pool.submit(register, client, range(start, 40, 4))
                    for start, client in enumerate(2 * clients)
                ]
            for writer in writers:
                writer.result()
            head = until_sealed(clients[1])

            chain = exported(clients[1], tmp_path / "log")
            written = clients[0].audit()
            for client in clients:
                client.close()
            assert verify_lines(chain).entries == head.entries == len(written)
            assert sorted(ids(chain)) == [entry.id for entry in written]
            assert sorted(entry.position or 0 for entry in written) == [*range(1, len(written) + 1)]
            assert [entry.action for entry in written].count("cube.register") == 40


class TestKilledSealer:
    def test_leaves_a_chain_that_another_goes_on_with(self, database: str, tmp_path: Path) -> None:
        """Killed with SIGKILL among many batches, its last whole one is the chain's end, and another goes on there."""
        beside = Database(database)
        with processes(database, tmp_path) as served:
            [api] = served.running
            secret = served.world.admin_secret
            before = until_sealed(served.world.admin)
            beside.write(add_many, leads=True)
            until(partial(is_beyond, beside, before.entries), "the first batch sealed")

            api.kill()

            with beside.reading() as session:
                entries, noted = audit.chain_end(session)
                left = audit.count_unsealed(session)
            api.start()
            with patient_client(api.url, secret) as client:
                head = until_sealed(client)
                chain = exported(client, tmp_path / "log")
        beside.close()
        assert before.entries < entries < head.entries
        assert left >= audit.BATCH
        assert verify_lines(chain, head=noted).entries == head.entries
        assert len(set(ids(chain))) == head.entries == entries + left


def register(client: RegistryClient, numbers: range) -> None:
    """Register a cube for each number."""
    for number in numbers:
        client.register_cube(make_cube(f"cube-{number}"))


def add_many(session: Session) -> None:
    """Write so much in one transaction that it is sealed in many batches."""
    session.add_all(
        AuditRow(
            at=datetime.now(UTC),
            user_id=None,
            token_label="import",
            action="cube.look",
            subject=f"cube/{number}",
            before_sha256=None,
            after_sha256=None,
        )
        for number in range(MANY)
    )


def is_beyond(database: Database, entries: int) -> bool:
    """Whether the chain is longer than it was."""
    with database.reading() as session:
        return audit.chain_end(session)[0] > entries


def until(come: Callable[[], bool], needed: str) -> None:
    """Return once something has come true."""
    deadline = time.monotonic() + LONGEST_S
    while not come():
        assert time.monotonic() < deadline, f"found it not so in time, needed {needed}"
        time.sleep(0.005)


def until_sealed(client: RegistryClient) -> AuditHead:
    """The chain's head, once every write so far is in it."""
    until(lambda: client.audit_head().unsealed == 0, "every write sealed")
    return client.audit_head()


def exported(client: RegistryClient, file: Path) -> list[str]:
    """The lines of an export, as an administrator's command makes it."""
    export_log(client, file)
    return file.read_text(encoding="ascii").splitlines()


def ids(chain: list[str]) -> list[int]:
    """The ids of a chain's entries, in its order."""
    return [json.loads(line)["entry"]["id"] for line in chain[:-1]]


def actions(chain: list[str]) -> set[str]:
    """What a chain's entries say was done."""
    return {json.loads(line)["entry"]["action"] for line in chain[:-1]}
