"""Two processes of one registry whose clocks are a day apart: safe, if not punctual."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import pytest

from registry_api.app import create_app
from registry_api.settings import RegistrySettings
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict
from rounds.records.approvals import Approval, ApprovalKind, Item
from rounds.records.executions import Claim, ExecutionStatus
from tests.contract.registry.builders import sha
from tests.contract.registry.serving import Clock, serve
from tests.contract.registry.wishes import claim_of, scores_sha256
from tests.contract.registry.world import World

DAY_S = 24 * 3600
LONGEST_S = 20
DIRECTIONS = pytest.mark.parametrize("off_s", [DAY_S, -DAY_S], ids=["ahead", "behind"])


@contextmanager
def doors(world: World, off_s: int) -> Iterator[tuple[RegistryClient, RegistryClient]]:
    """The owner's clients of the world's process, and of one whose clock is off."""
    clock = Clock(world.served.clock.now + timedelta(seconds=off_s))
    settings = RegistrySettings(database=world.served.database, tick_s=0.05, breath_s=0.05)
    secret = world.token("owner")
    with (
        serve(create_app(settings, clock=clock)) as url,
        RegistryClient(url, secret, patience_s=5) as far,
    ):
        yield world.client(secret), far


def held(claim: Callable[[], Claim]) -> list[Claim]:
    """The claim, if there is one to have."""
    try:
        return [claim()]
    except Conflict:
        return []


def until_expired(client: RegistryClient, approval_id: int) -> Approval:
    """The approval, once its deadline is seen to be over."""
    until = time.monotonic() + LONGEST_S
    while (approval := client.approval(approval_id)).status == "PENDING":
        assert time.monotonic() < until, "found it PENDING still, needed it over"
        time.sleep(0.02)
    return approval


class TestClocks:
    @DIRECTIONS
    def test_fencing_holds(self, world: World, off_s: int) -> None:
        """Whatever lease a clock thinks over, tokens grow and only the latest holder is heard, everywhere."""
        benchmark, dataset = world.ready()
        with doors(world, off_s) as (near, far):
            keys = [claim_of(dataset, benchmark, key=f"run-{n}-cell") for n in range(4)]

            *old, latest = [
                claim
                for door, key in zip((near, far, near, far), keys, strict=True)
                for claim in held(partial(door.claim, key))
            ]

            tokens = [claim.fencing_token for claim in (*old, latest)]
            assert tokens == sorted(set(tokens))
            for door in (near, far):
                for claim in old:
                    with pytest.raises(Conflict, match="another claim holds it"):
                        score(door, claim)
                score(door, latest)
            statuses = {each.id: each.status for each in near.executions()}
            assert statuses.pop(latest.execution_id) is ExecutionStatus.SCORED
            assert set(statuses.values()) <= {ExecutionStatus.FAILED}

    @DIRECTIONS
    def test_deadlines_end_once_and_for_all(self, world: World, off_s: int) -> None:
        """What the later clock ended stays ended for the earlier one, and cannot be granted any more."""
        benchmark, dataset = world.ready()
        with doors(world, off_s) as (near, far):
            early, late = (near, far) if off_s > 0 else (far, near)
            claim = early.claim(claim_of(dataset, benchmark))
            score(early, claim)
            items = [Item(subject_id=claim.execution_id, sha256=scores_sha256(claim.execution_id))]
            asked = world.ask(early, ApprovalKind.RESULTS, dataset.id, items)

            seen = until_expired(late, asked.id)

            assert early.approval(asked.id) == seen
            assert seen.status == "EXPIRED"
            assert early.execution(claim.execution_id).status is ExecutionStatus.EXPIRED
            with pytest.raises(Conflict, match="EXPIRED"):
                world.grant(world.person("owner"), asked.id)


def score(door: RegistryClient, claim: Claim) -> None:
    """Say at a door that a claimed cell is scored."""
    door.scored(
        claim.execution_id,
        fencing_token=claim.fencing_token,
        sha256=scores_sha256(claim.execution_id),
        inputs={"model": sha("model")},
    )
