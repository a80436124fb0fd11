"""A claim is renewed while the work goes on, and never longer."""

import threading

import httpx
import pytest
from pydantic import JsonValue

from rounds import leases
from rounds.errors import Conflict
from rounds.leases import hold
from rounds.records.executions import Claim, ClaimIn, ExecutionStatus
from tests.unit.builders import NOW
from tests.unit.little_site import LittleRegistry, make_client, refuse

WANTED = ClaimIn(benchmark_id=3, dataset_id=4, model_id=5, key="a-run-of-its-own")
CLAIM = Claim(execution_id=7, fencing_token=11, lease_s=0.03, attempt=1)


def claimed(_: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a claim."""
    return httpx.Response(201, json=CLAIM.model_dump())


def beaten(_: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a heartbeat."""
    execution = {
        "id": 7,
        "benchmark_id": 3,
        "dataset_id": 4,
        "model_id": 5,
        "metrics_id": 6,
        "attempt": 1,
        "status": ExecutionStatus.CLAIMED,
        "code": None,
        "sha256": None,
        "lease_until": NOW.isoformat(),
        "deadline": NOW.isoformat(),
    }
    return httpx.Response(200, json=execution)


class TestHold:
    def test_beats_with_its_token(self) -> None:
        """The lease is renewed again and again, for the claimed execution and with its token."""
        registry = LittleRegistry({"/executions/claim": claimed, "/7/heartbeat": beaten})

        with hold(make_client(registry), WANTED) as claim:
            came = registry.wait_for(4)

        assert (claim, came) == (CLAIM, True)
        assert registry.asked[0][1] == WANTED.model_dump()
        assert {path for path, _ in registry.asked[1:]} == {"/api/v1/executions/7/heartbeat"}
        assert all(body == {"fencing_token": 11} for _, body in registry.asked[1:])

    def test_ends_with_the_block(self) -> None:
        """Once the work is done, or failed, nothing beats any more."""
        registry = LittleRegistry({"/executions/claim": claimed, "/7/heartbeat": beaten})
        before = threading.active_count()

        with (
            pytest.raises(ValueError, match="the cube gave up"),
            hold(make_client(registry), WANTED),
        ):
            raise ValueError("the cube gave up")

        assert threading.active_count() == before

    def test_goes_on_while_the_registry_is_away(self) -> None:
        """A heartbeat that nobody answered is tried again at the next beat; the work is not stopped."""
        away = refuse(503, "the registry starts anew")
        registry = LittleRegistry({"/executions/claim": claimed, "/7/heartbeat": away})

        with hold(make_client(registry), WANTED):
            came = registry.wait_for(4)

        assert came

    def test_stops_when_the_lease_is_lost(self) -> None:
        """A heartbeat that is refused is the last one: somebody else holds the cell."""
        registry = LittleRegistry({"/7/heartbeat": refuse(409, "the claim is no longer yours")})

        leases._beat(make_client(registry), CLAIM, threading.Event())

        assert len(registry.asked) == 1

    def test_begins_nothing_without_a_claim(self) -> None:
        """A cell that somebody else holds is not worked on."""
        registry = LittleRegistry({"/executions/claim": refuse(409, "site-b holds the cell")})

        with (
            pytest.raises(Conflict, match="site-b holds the cell"),
            hold(make_client(registry), WANTED),
        ):
            raise AssertionError

        assert len(registry.asked) == 1
