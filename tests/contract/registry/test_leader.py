"""Of all processes on one database one does the duties; when it is killed another goes on."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry_api.deps import utc_now
from registry_api.duties import Duties
from registry_api.settings import RegistrySettings
from registry_api.storage.database import Database
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict
from tests.contract.registry.databases import Databases
from tests.contract.registry.prefect_stand_in import Recorded, stand_in
from tests.contract.registry.processes import Process, patient_client, processes
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.test_sealing import until_sealed
from tests.contract.registry.wake_ups import decided, run_id, sleep_on, until_delivered
from tests.contract.registry.world import World

LONGEST_S = 60
END_THE_LEADERS_SESSION = """
    SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database
    WHERE locktype = 'advisory' AND datname = current_database()
"""


@dataclass
class Api:
    """A process, and a stand-in of Prefect that hears of it alone."""

    process: Process
    prefect: Recorded
    client: RegistryClient


@dataclass
class Scene:
    """Processes on one database, and two decided approvals for runs to sleep on."""

    world: World
    apis: list[Api]
    approvals: list[int]

    def told(self) -> list[str]:
        """The runs that were to be resumed, by whichever process."""
        return [run for api in self.apis for run in api.prefect.woken()]

    def until_told(self, number: int) -> None:
        """Return once so many were to be resumed."""
        until = time.monotonic() + LONGEST_S
        while len(self.told()) < number:
            assert time.monotonic() < until, f"found {len(self.told())} deliveries, needed {number}"
            time.sleep(0.01)


@contextmanager
def scene(database: str, folder: Path, *, count: int = 1) -> Iterator[Scene]:
    """So many processes that serve a fresh database while the block lasts."""
    with ExitStack() as stack:
        prefects = [stack.enter_context(stand_in()) for _ in range(count)]
        url = prefects[0].url
        served = stack.enter_context(processes(database, folder, prefect_api_url=url))
        running = list(served.running)
        for prefect in prefects[1:]:
            running.append(Process(database, folder / "api-other.log", prefect.url))
            stack.callback(running[-1].kill)
            running[-1].start()
        approvals, secret = decided(served.world, 2), served.world.admin_secret
        apis = [
            Api(process, prefect, stack.enter_context(patient_client(process.url, secret)))
            for process, prefect in zip(running, prefects, strict=True)
        ]
        yield Scene(served.world, apis, approvals)


class TestLeading:
    def test_is_one_process_at_a_time(self, database: str) -> None:
        """Who asks while another leads does not; who asks afterwards does."""
        one, other = Database(database), Database(database)

        with one.leading() as first, other.leading() as second, one.leading() as third:
            during = (first, second, third)
        with other.leading() as afterwards:
            pass

        one.close()
        other.close()
        assert during == (True, False, False)
        assert afterwards

    def test_ends_with_a_round_that_fails(self, database: str) -> None:
        """Who leads and fails leads no more: another may, and so may the same, at once."""
        one, other = Database(database), Database(database)

        with pytest.raises(Conflict, match="a fault"), one.leading() as first:
            raise Conflict("a fault in the middle of the duties")
        with other.leading() as second:
            pass
        with one.leading() as third:
            pass

        one.close()
        other.close()
        assert (first, second, third) == (True, True, True)

    def test_is_tried_again_when_the_lock_cannot_be_had(self, tmp_path: Path) -> None:
        """A lock's file that cannot be opened ends the duties for as long as that lasts, not for good."""
        lock = tmp_path / "registry.db.leader"
        lock.mkdir()
        with serve_registry(tmp_path) as served, ExitStack() as stack:
            world = World(served=served, stack=stack)
            unsealed = world.admin.audit_head().unsealed

            lock.rmdir()

            until_sealed(world.admin)
            assert unsealed > 0

    def test_is_needed_for_every_duty(self, database: str, tmp_path: Path) -> None:
        """While one process tells Prefect, another's round neither tells it anything nor seals."""
        with scene(database, tmp_path) as there, stand_in() as untold:
            [api] = there.apis
            settings = RegistrySettings(database=database, prefect_api_url=untold.url)
            second = Database(database)
            with api.prefect.holding():
                sleep_on(api.client, there.approvals[0], 1)
                there.until_told(1)
                sleep_on(api.client, there.approvals[1], 2)
                before = api.client.audit_head()

                Duties(second, settings=settings, clock=utc_now).run_round()

                after = api.client.audit_head()
            until_delivered(api.client, 2)
            second.close()
            assert untold.asked == []
            assert before.unsealed > 0
            assert after == before


class TestTwoProcesses:
    def test_deliver_each_notice_once(self, database: str, tmp_path: Path) -> None:
        """With both alive and both written to, each notice is told once, and in order for its subject."""
        with scene(database, tmp_path, count=2) as there:
            runs = [range(1, 16), range(101, 116)]

            with ThreadPoolExecutor() as pool:
                writers = [
                    pool.submit(sleep_on, api.client, approval, *mine)
                    for api, approval, mine in zip(there.apis, there.approvals, runs, strict=True)
                ]
            for writer in writers:
                writer.result()
            notices = until_delivered(there.world.admin, 30)

            assert sorted(there.told()) == [run_id(run) for mine in runs for run in mine]
            assert {notice.failures for notice in notices} == {0}

    def test_go_on_when_the_leader_is_killed(self, database: str, tmp_path: Path) -> None:
        """Killed with SIGKILL while it tells Prefect, it holds up nobody: the other tells and seals the rest."""
        with scene(database, tmp_path, count=2) as there, ExitStack() as gates:
            first, second = there.apis
            for api in there.apis:
                gates.enter_context(api.prefect.holding())
            sleep_on(first.client, there.approvals[0], 1, 2, 3)
            sleep_on(second.client, there.approvals[1], 4, 5)
            there.until_told(1)
            leader, heir = (first, second) if first.prefect.woken() else (second, first)

            leader.process.kill()
            gates.close()

            until_delivered(heir.client, 5)
            until_sealed(heir.client)
            told = heir.prefect.woken()
            assert [run for run in told if run in {run_id(4), run_id(5)}] == [run_id(4), run_id(5)]
            assert [run for run in told if run <= run_id(3)] == [run_id(run) for run in (1, 2, 3)]


class TestKilled:
    def test_before_it_is_settled_it_is_told_again(self, database: str, tmp_path: Path) -> None:
        """Prefect has heard of it and the database has not: it is told again, then what waits behind it."""
        with scene(database, tmp_path) as there:
            [api] = there.apis
            with api.prefect.holding():
                sleep_on(api.client, there.approvals[0], 1, 2)
                there.until_told(1)
                api.process.kill()

            api.process.start()

            until_delivered(api.client, 2)
            assert there.told() == [run_id(run) for run in (1, 1, 2)]

    def test_again_and_again_it_loses_nothing(self, database: str, tmp_path: Path) -> None:
        """Through three kill -9 among writes and deliveries each notice is told, and in order for its subject."""
        with scene(database, tmp_path) as there, ThreadPoolExecutor() as pool:
            [api] = there.apis
            runs = {there.approvals[0]: range(1, 21), there.approvals[1]: range(101, 121)}
            other = patient_client(api.process.url, there.world.admin_secret)
            clients = [api.client, other]

            writers = [
                pool.submit(sleep_on, client, approval, *mine)
                for client, (approval, mine) in zip(clients, runs.items(), strict=True)
            ]
            for moment in (7, 17, 29):
                there.until_told(moment)
                api.process.kill()
                api.process.start()
            for writer in writers:
                writer.result()
            until_delivered(api.client, 40)

            other.close()
            first_told = list(dict.fromkeys(there.told()))
            for mine in runs.values():
                wanted = [run_id(run) for run in mine]
                assert [run for run in first_told if run in wanted] == wanted

    @pytest.mark.postgres
    def test_session_of_the_leader_is_replaced(self, databases: Databases, tmp_path: Path) -> None:
        """PostgreSQL ends the session that holds the lock: the process leads again and goes on."""
        with (
            databases.lent("postgresql", tmp_path) as database,
            scene(database, tmp_path) as there,
        ):
            [api] = there.apis
            beside = Database(database)
            with api.prefect.holding():
                sleep_on(api.client, there.approvals[0], 1, 2)
                there.until_told(1)
                with beside.engine.begin() as connection:
                    ended = connection.exec_driver_sql(END_THE_LEADERS_SESSION).all()

            until_delivered(api.client, 2)

            beside.close()
            assert len(ended) == 1
            until_sealed(api.client)
