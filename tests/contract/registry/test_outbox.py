"""What Prefect is told, over real HTTP."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from rounds.records.approvals import Approval, Decision, Suspension
from rounds.records.benchmarks import Benchmark
from rounds.records.service import Notice, NoticeStatus
from tests.contract.registry.prefect_stand_in import Recorded, stand_in
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

EVENTS = TypeAdapter(list[list[dict[str, JsonValue]]])
RUN = "3f6c1a52-8f0e-4f5b-9f43-5d2a7f1f6f10"
LONGEST_S = 60


@pytest.fixture
def prefect() -> Iterator[Recorded]:
    """What Prefect was told."""
    with stand_in() as recorded:
        yield recorded


@pytest.fixture
def told(database: str, tmp_path: Path, prefect: Recorded) -> Iterator[World]:
    """A served registry that tells `prefect`, on each kind of database."""
    with (
        serve_registry(tmp_path, database=database, prefect_api_url=prefect.url) as served,
        ExitStack() as stack,
    ):
        yield World(served=served, stack=stack)


class TestReviews:
    def test_start_with_the_request(self, told: World, prefect: Recorded) -> None:
        """A request that waits for a person starts the hub's review, once and by its id."""
        benchmark = told.propose()

        started = prefect.wait_for("/create_flow_run")

        assert started == [
            {
                "parameters": {"approval_id": benchmark.approval_id},
                "idempotency_key": f"review-{benchmark.approval_id}-0",
                "name": f"review-{benchmark.approval_id}-0",
                "state": {"type": "SCHEDULED"},
            }
        ]

    def test_wait_for_prefect_to_come_back(self, told: World, prefect: Recorded) -> None:
        """While Prefect is away nothing is lost and nothing counts against it."""
        prefect.away = True
        told.propose()
        prefect.until(lambda: prefect.turned_away > 1, "two that were turned away")
        [waiting] = told.admin.notices()

        prefect.away = False

        assert len(prefect.wait_for("/create_flow_run")) == 1
        assert (waiting.status, waiting.failures) == (NoticeStatus.WAITING, 0)

    def test_wait_for_prefect_to_be_understood(self, told: World, prefect: Recorded) -> None:
        """An answer that cannot be decoded is asked for again, and counts against its notice alone."""
        prefect.garbled = True
        told.propose()
        waiting = until_failed(told)

        prefect.garbled = False
        told.served.clock.advance(60)

        assert waiting.status is NoticeStatus.WAITING
        assert len(prefect.wait_for("/create_flow_run")) == 1


class TestResume:
    def test_decision_wakes_the_hubs_run(self, told: World, prefect: Recorded) -> None:
        """A decision resumes the run that sleeps on it, with the form's defaults."""
        benchmark = suspended(told)

        told.grant(told.admin, benchmark.approval_id)

        assert prefect.wait_for(f"/flow_runs/{RUN}/resume") == [{"run_input": {"code": ""}}]
        assert until_awake(told, benchmark.approval_id).suspended is False

    def test_expiry_wakes_the_hubs_run(self, told: World, prefect: Recorded) -> None:
        """A run that sleeps on an unanswered request is woken at the deadline."""
        suspended(told)

        told.served.clock.advance(15 * 24 * 3600)

        assert len(prefect.wait_for(f"/flow_runs/{RUN}/resume")) == 1

    def test_unstored_form_is_tried_again(self, told: World, prefect: Recorded) -> None:
        """A run whose form Prefect has not stored yet is woken a little later."""
        missing: JsonValue = {
            "status": "REJECT",
            "details": {"reason": "Run input schema not found."},
        }
        prefect.resumes = [missing, {"status": "ACCEPT"}]
        benchmark = suspended(told)
        told.grant(told.admin, benchmark.approval_id)
        prefect.wait_for("/resume")
        told.served.clock.advance(60)

        woken = prefect.wait_for("/resume", 2)

        assert len(woken) == 2

    def test_run_not_asleep_yet_is_tried_again(self, told: World, prefect: Recorded) -> None:
        """A run that has said it will sleep, and does not yet, is not forgotten."""
        prefect.resumes = [{"status": "ABORT"}, {"status": "ACCEPT"}]
        prefect.run_state = "RUNNING"
        benchmark = suspended(told)
        told.grant(told.admin, benchmark.approval_id)
        prefect.wait_for(f"/flow_runs/{RUN}")
        told.served.clock.advance(60)

        woken = prefect.wait_for("/resume", 2)

        assert len(woken) == 2

    def test_ended_run_ends_it(self, told: World, prefect: Recorded) -> None:
        """A run that is over is not woken for ever."""
        prefect.resumes = [{"status": "ABORT", "details": {"reason": "not paused"}}]
        prefect.run_state = "COMPLETED"
        benchmark = suspended(told)

        told.grant(told.admin, benchmark.approval_id)

        prefect.wait_for(f"/flow_runs/{RUN}")
        assert until_awake(told, benchmark.approval_id).suspended is False
        assert len(prefect.sent_to("/resume")) == 1


class TestEvents:
    def test_association_tells_its_site(self, told: World, prefect: Recorded) -> None:
        """An approved dataset makes its own site look for work, told by ids only."""
        benchmark, dataset = told.ready()

        sent = prefect.wait_for("/events")

        [[event]] = EVENTS.validate_python(sent)
        assert event["event"] == "rounds.association.approved"
        assert event["resource"] == {"prefect.resource.id": "rounds.site.site-a"}
        assert event["payload"] == {
            "association_id": 1,
            "benchmark_id": benchmark.id,
            "dataset_id": dataset.id,
            "model_id": None,
        }

    def test_decision_tells_a_sleeping_site(self, told: World, prefect: Recorded) -> None:
        """A decision on which a site's run sleeps makes that site's sync look sooner."""
        benchmark, dataset = told.ready()
        prefect.wait_for("/events")
        _, approval = told.scored(dataset, benchmark)
        owner = told.person("owner")
        owner.suspend(approval.id, Suspension())

        owner.decide(approval.id, decision_on(approval, Decision.REFUSE))

        events = prefect.wait_for("/events", 2)
        assert "rounds.approval.decided" in str(events[1])


def until_failed(world: World) -> Notice:
    """The only notice, once a delivery of it has failed."""
    until = time.monotonic() + LONGEST_S
    while not (found := world.admin.notices()[0]).failures:
        assert time.monotonic() < until, "found no failure, needed one"
        time.sleep(0.02)
    return found


def suspended(world: World) -> Benchmark:
    """A pending benchmark on which the hub's run `RUN` sleeps."""
    benchmark = world.propose()
    world.person("committee").suspend(benchmark.approval_id, Suspension(flow_run_id=RUN))
    return benchmark


def until_awake(world: World, approval_id: int) -> Approval:
    """The approval, once no run sleeps on it."""
    until = time.monotonic() + LONGEST_S
    while (approval := world.admin.approval(approval_id)).suspended:
        assert time.monotonic() < until, "found it suspended still, needed its run awake"
        time.sleep(0.02)
    return approval
