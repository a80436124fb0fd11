"""Releases: asked for exact bytes, void when they change, over at their deadline."""

import pytest

from rounds.errors import Conflict, InvalidInput
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Decision,
    Item,
    ReleaseRequest,
    Suspension,
)
from rounds.records.datasets import ReleaseRule
from tests.contract.registry.builders import make_dataset, sha
from tests.contract.registry.world import World, decision_on, released


class TestRelease:
    def test_same_request_is_the_same_approval(self, world: World) -> None:
        """A lost answer asks nobody twice."""
        _, dataset = world.ready()
        claim = world.claim(dataset, world.person("owner").benchmarks()[0])

        asked = [world.score(dataset, claim) for _ in range(2)]

        assert asked[0] == asked[1]

    def test_digest_must_be_of_the_items(self, world: World) -> None:
        """What is shown is what is asked for."""
        approval = results_asked(world)
        request = ReleaseRequest(
            kind=ApprovalKind.RESULTS, dataset_id=1, items=approval.items, shown_sha256=sha("x")
        )

        with pytest.raises(InvalidInput, match="is not that of the items"):
            world.person("owner").request_release(request)

    def test_only_scored_bytes_are_asked_for(self, world: World) -> None:
        """A release of bytes that no execution scored is refused."""
        approval = results_asked(world)
        item = Item(subject_id=approval.items[0].subject_id, sha256=sha("other"))

        with pytest.raises(Conflict, match="that is SCORED with these bytes"):
            world.ask(world.person("owner"), ApprovalKind.RESULTS, 1, [item])

    def test_changed_bytes_void_the_request(self, world: World) -> None:
        """A request goes void when what it was about changes."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")

        owner.scored(
            claim.execution_id, fencing_token=claim.fencing_token, sha256=sha("new"), inputs={}
        )

        assert owner.approval(approval.id).status is ApprovalStatus.VOID

    def test_owners_rule_releases_and_is_named(self, world: World) -> None:
        """A data owner's standing rule grants at once, and the approval names it."""
        owner = world.person("owner")
        wanted = make_dataset(world.approved_benchmark().id, statistics_release=ReleaseRule.ALWAYS)

        asked = world.ask_statistics(owner, owner.register_dataset(wanted))

        approval = owner.approval(asked.approval_id)
        assert approval.status is ApprovalStatus.GRANTED
        assert approval.rule == "statistics_release=always v1"
        assert approval.decided_by is None

    def test_revoked_release_covers_nothing(self, world: World) -> None:
        """What was granted and then revoked cannot be submitted."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        world.grant(owner, approval.id)

        owner.revoke_approval(approval.id)

        with pytest.raises(Conflict, match="is REVOKED, needed GRANTED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )

    def test_granted_release_ends_at_its_deadline(self, world: World) -> None:
        """A grant that was not used in time is no grant."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        world.grant(owner, approval.id)

        world.served.clock.advance(3601)

        assert owner.approval(approval.id).status is ApprovalStatus.EXPIRED
        with pytest.raises(Conflict, match="needed it SCORED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )


class TestSuspension:
    def test_sleeping_approval_stays_open(self, world: World) -> None:
        """A decided approval is listed as open while a run sleeps on it, and not after."""
        approval = results_asked(world)
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        worker.suspend(approval.id, Suspension())
        owner.decide(approval.id, decision_on(approval, Decision.REFUSE))

        listed = worker.approvals(site="site-a", open=True)
        worker.end_suspension(approval.id)

        assert [found.id for found in listed] == [approval.id]
        assert worker.approvals(site="site-a", open=True) == []


def results_asked(world: World) -> Approval:
    """A pending release of one cell's scores."""
    benchmark, dataset = world.ready()
    return world.scored(dataset, benchmark)[1]
