"""Releases: asked for exact bytes, void when they change, over at their deadline."""

import pytest

from rounds.errors import Conflict, Forbidden, InvalidInput
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
from tests.contract.registry.scenes import joined, submit_scores
from tests.contract.registry.wishes import decision_on, released
from tests.contract.registry.world import World

HUB_RUN = "0" * 32


class TestRelease:
    def test_is_of_exact_bytes(self, world: World) -> None:
        """It is asked for what was scored, under the items' own digest, and asked twice it is the same."""
        benchmark, dataset = world.ready()
        claim, owner = world.claim(dataset, benchmark), world.person("owner")
        asked = [world.score(dataset, claim) for _ in range(2)]
        other = Item(subject_id=claim.execution_id, sha256=sha("other"))
        wrong = ReleaseRequest(
            kind=ApprovalKind.RESULTS,
            dataset_id=dataset.id,
            items=asked[0].items,
            shown_sha256=sha("x"),
        )

        assert asked[0] == asked[1]
        with pytest.raises(InvalidInput, match="is not that of the items"):
            owner.request_release(wrong)
        with pytest.raises(Conflict, match="that is SCORED with these bytes"):
            world.ask(owner, ApprovalKind.RESULTS, dataset.id, [other])

    def test_is_void_once_the_bytes_change(self, world: World) -> None:
        """A request goes void when what it was about changes, and is not granted any more (A37)."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")

        owner.scored(
            claim.execution_id, fencing_token=claim.fencing_token, sha256=sha("new"), inputs={}
        )

        assert owner.approval(approval.id).status is ApprovalStatus.VOID
        with pytest.raises(Conflict, match="is VOID, needed PENDING"):
            world.grant(owner, approval.id)

    def test_by_the_owners_rule_names_it(self, world: World) -> None:
        """A data owner's standing rule grants at once, statistics and scores, and the approval says so."""
        benchmark, dataset, _ = joined(world)
        owner = world.person("owner")

        submit_scores(world, dataset, world.claim(dataset, benchmark))

        ruled = {found.kind: found for found in owner.approvals() if found.site == "site-a"}
        assert {kind: found.rule for kind, found in ruled.items()} == {
            ApprovalKind.STATISTICS: "statistics_release=always v1",
            ApprovalKind.RESULTS: "results_release=always v1",
        }
        assert {found.decided_by for found in ruled.values()} == {None}

    def test_by_rule_is_for_what_the_rule_names(self, world: World) -> None:
        """A rule for statistics lets no scores out."""
        benchmark, owner = world.approved_benchmark(), world.person("owner")
        wanted = make_dataset(benchmark.id, statistics_release=ReleaseRule.ALWAYS)
        dataset = owner.submit_statistics(
            world.ask_statistics(owner, owner.register_dataset(wanted))
        )
        world.join(owner, benchmark, dataset_id=dataset.id)

        _, approval = world.scored(dataset, benchmark)

        assert approval.status is ApprovalStatus.PENDING

    def test_revoked_covers_nothing(self, world: World) -> None:
        """What was granted and then revoked cannot be submitted (A37)."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        world.grant(owner, approval.id)

        owner.revoke_approval(approval.id)

        with pytest.raises(Conflict, match="is REVOKED, needed GRANTED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )

    def test_granted_ends_at_its_deadline(self, world: World) -> None:
        """A grant that was not used in time is no grant (A37)."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        world.grant(world.person("owner"), approval.id)

        world.advance(3601)

        owner = world.person("owner")
        assert owner.approval(approval.id).status is ApprovalStatus.EXPIRED
        with pytest.raises(Conflict, match="needed it SCORED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )


class TestSuspension:
    def test_keeps_an_approval_open(self, world: World) -> None:
        """A decided approval is listed as open while a run sleeps on it, and not after."""
        approval = results_asked(world)
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        worker.suspend(approval.id, Suspension())
        owner.decide(approval.id, decision_on(approval, Decision.REFUSE))

        listed = worker.approvals(site="site-a", open=True)
        worker.end_suspension(approval.id)

        assert [found.id for found in listed] == [approval.id]
        assert worker.approvals(site="site-a", open=True) == []

    def test_decides_nothing(self, world: World) -> None:
        """A run that goes to sleep and is woken without a decision finds it PENDING still (A37)."""
        approval, worker = results_asked(world), world.worker("owner", "site-a")

        worker.suspend(approval.id, Suspension())
        worker.end_suspension(approval.id)

        assert worker.approval(approval.id).status is ApprovalStatus.PENDING
        with pytest.raises(Forbidden, match="unknown, used or expired"):
            worker.redeem(approval.id, "forged")

    def test_names_a_hubs_run_for_its_committee_only(self, world: World) -> None:
        """Nobody has the registry wake a run of theirs in place of the committee's hub (A37)."""
        benchmark = world.approved_benchmark()
        dataset, owner = world.operational(benchmark), world.person("owner")
        asked = owner.associate(world.wish(benchmark, dataset_id=dataset.id)).approval_id
        hub = world.client(world.token("committee"))
        hub.suspend(asked, Suspension(flow_run_id=HUB_RUN))

        with pytest.raises(Forbidden, match="wakes runs of its committee's hub"):
            owner.suspend(asked, Suspension(flow_run_id="1" * 32))

        assert hub.approval(asked).suspended


def results_asked(world: World) -> Approval:
    """A pending release of one cell's scores."""
    benchmark, dataset = world.ready()
    return world.scored(dataset, benchmark)[1]
