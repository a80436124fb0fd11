"""What Prefect refuses: tried later and later, in order, given up at last, and an administrator's to requeue."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from registry_api.deliverer import FIRST_PAUSE_S, LONGEST_PAUSE_S, MOST_FAILURES
from rounds.errors import Conflict, Forbidden, NotFound
from rounds.records.service import Notice, NoticeStatus
from tests.contract.registry.prefect_stand_in import Recorded, stand_in
from tests.contract.registry.serving import Clock, serve_registry
from tests.contract.registry.wake_ups import (
    decided,
    run_id,
    sleep_on,
    until_delivered,
    until_notices,
)
from tests.contract.registry.world import World

REFUSED, SECOND, THIRD, OTHER = range(1, 5)
ENDINGS = {
    NoticeStatus.WAITING: ("ABORT", "RUNNING"),
    NoticeStatus.DELIVERED: ("ACCEPT", "PAUSED"),
    NoticeStatus.GONE: ("ABORT", "COMPLETED"),
}


@dataclass
class Hub:
    """A registry that tells a stand-in of Prefect, and two decided approvals for runs to sleep on."""

    world: World
    prefect: Recorded
    refused: int
    other: int

    @property
    def clock(self) -> Clock:
        """The registry's clock."""
        return self.world.served.clock

    def refuse(self, run: int) -> None:
        """Have Prefect refuse to wake a run."""
        self.prefect.refused[f"/flow_runs/{run_id(run)}/resume"] = 500

    def failed(self, times: int) -> Notice:
        """The first notice to wake a run, once it was refused so often."""

        def come(found: list[Notice]) -> bool:
            return found[0].failures >= times

        return until_notices(self.world.admin, come, f"{times} failures")[0]

    def bury(self) -> Notice:
        """A notice that was refused until it was given up."""
        self.refuse(REFUSED)
        sleep_on(self.world.admin, self.refused, REFUSED)
        for times in range(1, MOST_FAILURES):
            self.failed(times)
            self.clock.advance(LONGEST_PAUSE_S)
        return self.failed(MOST_FAILURES)


@pytest.fixture
def hub(database: str, tmp_path: Path) -> Iterator[Hub]:
    """A hub on each kind of database, which Prefect has heard of."""
    with (
        stand_in() as prefect,
        serve_registry(tmp_path, database=database, prefect_api_url=prefect.url) as served,
        ExitStack() as stack,
    ):
        world = World(served=served, stack=stack)
        yield Hub(world, prefect, *decided(world, 2))


class TestRefusal:
    def test_is_tried_again_later_and_later(self, hub: Hub) -> None:
        """The pause doubles to a minute; before it is over nothing is tried, though others are told."""
        hub.refuse(REFUSED)
        sleep_on(hub.world.admin, hub.refused, REFUSED)
        pauses = []

        for times in range(1, 11):
            notice = hub.failed(times)
            pauses.append((notice.due_at - hub.clock()).total_seconds())
            hub.clock.advance(pauses[-1] - 0.125)
            sleep_on(hub.world.admin, hub.other, 100 + times)
            hub.prefect.wait_for(f"{run_id(100 + times)}/resume")
            assert hub.prefect.woken().count(run_id(REFUSED)) == times
            hub.clock.advance(0.125)

        doubled = [FIRST_PAUSE_S * 2**times for times in range(1, 11)]
        assert pauses == [min(pause, LONGEST_PAUSE_S) for pause in doubled]

    def test_holds_up_its_own_subject_alone(self, hub: Hub) -> None:
        """What comes after it on the same subject waits its turn; another subject's does not."""
        hub.refuse(REFUSED)
        sleep_on(hub.world.admin, hub.refused, REFUSED, SECOND, THIRD)
        for times in range(1, 4):
            hub.failed(times)
            hub.clock.advance(LONGEST_PAUSE_S)
        hub.failed(4)
        sleep_on(hub.world.admin, hub.other, OTHER)
        hub.prefect.wait_for(f"{run_id(OTHER)}/resume")

        hub.prefect.refused.clear()
        hub.clock.advance(LONGEST_PAUSE_S)

        until_delivered(hub.world.admin, 4)
        runs = [REFUSED, REFUSED, REFUSED, REFUSED, OTHER, REFUSED, SECOND, THIRD]
        assert hub.prefect.woken() == [run_id(run) for run in runs]


class TestDead:
    def test_is_seen_requeued_and_delivered(self, hub: Hub) -> None:
        """After so many refusals it is DEAD and tried no more; an administrator has it tried again."""
        admin, buried = hub.world.admin, hub.bury()
        hub.clock.advance(LONGEST_PAUSE_S)
        sleep_on(admin, hub.refused, SECOND)
        hub.prefect.wait_for(f"{run_id(SECOND)}/resume")
        [dead] = admin.notices(status=NoticeStatus.DEAD)
        tried = hub.prefect.woken().count(run_id(REFUSED))

        hub.prefect.refused.clear()
        requeued = admin.requeue(dead.id)

        until_delivered(admin, 2)
        assert dead == buried
        assert (dead.failures, tried) == (MOST_FAILURES, MOST_FAILURES)
        assert "HTTP 500" in dead.last_answer
        assert (requeued.id, requeued.status, requeued.failures, requeued.due_at) == (
            dead.id,
            NoticeStatus.WAITING,
            0,
            hub.clock(),
        )
        assert hub.prefect.woken()[-1] == run_id(REFUSED)
        assert admin.notices(status=NoticeStatus.DEAD) == []
        assert [each.subject for each in admin.audit() if each.action == "outbox.requeue"] == [
            f"outbox/{dead.id}"
        ]

    def test_has_all_its_tries_again_once_requeued(self, hub: Hub) -> None:
        """Refused anew it is tried later and later as before, and not dead at once."""
        dead = hub.bury()

        hub.world.admin.requeue(dead.id)

        again = hub.failed(1)
        assert (again.status, again.failures) == (NoticeStatus.WAITING, 1)
        assert again.due_at - hub.clock() == timedelta(seconds=2 * FIRST_PAUSE_S)

    def test_is_an_administrators_alone(self, hub: Hub) -> None:
        """Nobody else sees what waits for Prefect, or requeues it; nor does a token that is no administrator's."""
        lesser = hub.world.client(hub.world.token("admin"))
        dead, world = hub.bury(), hub.world

        for client in (world.person("committee"), lesser):
            with pytest.raises(Forbidden, match="needed an administrator's token"):
                client.notices()
            with pytest.raises(Forbidden, match="needed an administrator's token"):
                client.requeue(dead.id)

        assert world.admin.notices(status=NoticeStatus.DEAD) == [dead]


class TestRequeue:
    @pytest.mark.parametrize("status", ENDINGS)
    def test_is_for_the_dead_alone(self, hub: Hub, status: NoticeStatus) -> None:
        """A notice that waits, was delivered or came too late stays as it is: nothing is told twice."""
        admin = hub.world.admin
        answer, hub.prefect.run_state = ENDINGS[status]
        hub.prefect.resumes = [{"status": answer}]
        sleep_on(admin, hub.refused, REFUSED)
        tried = (status, int(status is NoticeStatus.WAITING))
        [notice] = until_notices(
            admin, lambda found: (found[0].status, found[0].failures) == tried, status
        )

        with pytest.raises(Conflict, match=f"found {status}, which may become"):
            admin.requeue(notice.id)

        assert admin.notices()[-1] == notice

    def test_of_none_is_not_found(self, hub: Hub) -> None:
        """A notice that there is not cannot be requeued."""
        with pytest.raises(NotFound, match="found no notice 999; check the id"):
            hub.world.admin.requeue(999)
