"""Decisions: bound to a person, to bytes and to a time (A37)."""

import pytest

from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Decision,
)
from rounds.records.benchmarks import BenchmarkStatus
from rounds.records.executions import ExecutionStatus
from tests.contract.registry.builders import sha
from tests.contract.registry.world import World, decision_on


class TestDecision:
    def test_author_cannot_approve_the_own_benchmark(self, world: World) -> None:
        """A benchmark is approved by an administrator other than its author."""
        committee = world.person("committee")
        approval = committee.approval(world.propose().approval_id)

        with pytest.raises(Forbidden, match="needed a second person"):
            committee.decide(approval.id, decision_on(approval))

    def test_who_asked_to_join_cannot_approve(self, world: World) -> None:
        """An association is decided by the other side."""
        _, approval, _ = association_asked(world)

        with pytest.raises(Forbidden, match="needed a second person"):
            world.person("owner").decide(approval.id, decision_on(approval))

    def test_workers_token_cannot_decide(self, world: World) -> None:
        """A token without the scope decides nothing, not even for the right person."""
        approval = results_asked(world)
        worker = world.worker("owner", "site-a")

        with pytest.raises(Forbidden, match="needed one that may decide"):
            worker.decide(approval.id, decision_on(approval))

    def test_other_bytes_than_shown_are_refused(self, world: World) -> None:
        """Who was shown something else has not decided on this."""
        approval = results_asked(world)
        wrong = decision_on(approval).model_copy(update={"shown_sha256": sha("other")})

        with pytest.raises(Conflict, match="about other bytes"):
            world.person("owner").decide(approval.id, wrong)

    def test_replay_is_refused(self, world: World) -> None:
        """A decision is made once."""
        approval = results_asked(world)
        world.grant(world.person("owner"), approval.id)

        with pytest.raises(Conflict, match="is GRANTED, needed PENDING"):
            world.person("owner").decide(approval.id, decision_on(approval))

    def test_after_the_deadline_it_is_expired(self, world: World) -> None:
        """Nothing is decided late; the cell may be run again."""
        approval = results_asked(world)
        world.served.clock.advance(3601)

        with pytest.raises(Conflict, match="is EXPIRED, needed PENDING"):
            world.person("owner").decide(approval.id, decision_on(approval))

        cell = world.person("owner").cells()[0]
        assert (cell.status, cell.runnable) == (ExecutionStatus.EXPIRED, True)

    def test_administrator_cannot_decide_for_the_data_owner(self, world: World) -> None:
        """What leaves a site is its data owner's to decide, whoever else may see it."""
        approval = results_asked(world)

        with pytest.raises(Forbidden, match="for the data owner to decide"):
            world.admin.decide(approval.id, decision_on(approval))

    def test_stranger_does_not_find_it(self, world: World) -> None:
        """Nobody else learns that a release was asked for."""
        approval = results_asked(world)

        with pytest.raises(NotFound, match="that you may know of"):
            world.person("maker").approval(approval.id)

    def test_refusal_holds_the_cells_back(self, world: World) -> None:
        """A refused result stays home for good."""
        approval = results_asked(world)

        world.person("owner").decide(approval.id, decision_on(approval, Decision.REFUSE))

        cell = world.person("owner").cells()[0]
        assert (cell.status, cell.runnable) == (ExecutionStatus.HELD_BACK, False)

    def test_only_its_items_can_be_held_back(self, world: World) -> None:
        """Holding back something else is a mistake, not a decision."""
        approval = results_asked(world)

        with pytest.raises(InvalidInput, match="held back is not in approval"):
            world.person("owner").decide(approval.id, decision_on(approval, Decision.GRANT, 999))

    def test_unanswered_benchmark_is_rejected(self, world: World) -> None:
        """A benchmark that nobody decides on does not stay pending for ever."""
        benchmark = world.propose(approval_deadline_s=60)

        world.served.clock.advance(61)

        assert world.admin.benchmark(benchmark.id).status is BenchmarkStatus.REJECTED

    def test_revoked_association_takes_its_approval_along(self, world: World) -> None:
        """An association's status moves only with its approval."""
        association_id, approval, _ = association_asked(world)
        committee = world.person("committee")
        world.grant(committee, approval.id)

        committee.revoke_association(association_id)

        assert committee.approval(approval.id).status is ApprovalStatus.REVOKED


class TestInbox:
    def test_holds_what_is_ones_own_to_decide(self, world: World) -> None:
        """Of what one may know of, only what one decides is in one's inbox."""
        _, approval, _ = association_asked(world)

        inboxes = {
            name: [found.id for found in world.person(name).approvals(mine=True, open=True)]
            for name in ("committee", "owner")
        }

        assert inboxes == {"committee": [approval.id], "owner": []}


class TestCodes:
    def test_code_carries_the_persons_decision(self, world: World) -> None:
        """A worker that redeems a code decides as the person who minted it."""
        approval = results_asked(world)
        owner = world.person("owner")
        code = owner.mint_code(approval.id, decision_on(approval)).code

        decided = world.worker("owner", "site-a").redeem(approval.id, code)

        assert decided.status is ApprovalStatus.GRANTED
        assert decided.decided_by == owner.me().id

    def test_code_is_single_use(self, world: World) -> None:
        """A code that was redeemed opens nothing more."""
        approval = results_asked(world)
        owner = world.person("owner")
        code = owner.mint_code(approval.id, decision_on(approval)).code
        owner.redeem(approval.id, code)

        with pytest.raises(Forbidden, match="unknown, used or expired"):
            owner.redeem(approval.id, code)

    def test_code_lasts_fifteen_minutes(self, world: World) -> None:
        """An old code is worth nothing."""
        approval = results_asked(world)
        owner = world.person("owner")
        code = owner.mint_code(approval.id, decision_on(approval)).code

        world.served.clock.advance(15 * 60 + 1)

        with pytest.raises(Forbidden, match="unknown, used or expired"):
            owner.redeem(approval.id, code)

    def test_code_needs_who_may_decide(self, world: World) -> None:
        """A worker's token mints no code."""
        approval = results_asked(world)

        with pytest.raises(Forbidden, match="needed one that may decide"):
            world.worker("owner", "site-a").mint_code(approval.id, decision_on(approval))

    def test_code_is_of_one_approval(self, world: World) -> None:
        """A code for one approval decides no other."""
        _, first, dataset_approval = association_asked(world)
        committee = world.person("committee")
        code = committee.mint_code(first.id, decision_on(first)).code

        with pytest.raises(Forbidden, match="unknown, used or expired"):
            world.person("owner").redeem(dataset_approval, code)


def results_asked(world: World) -> Approval:
    """A pending release of one cell's scores."""
    benchmark, dataset = world.ready()
    return world.scored(dataset, benchmark)[1]


def association_asked(world: World) -> tuple[int, Approval, int]:
    """An association that its dataset's owner asked for, its approval, and the id of a release's."""
    benchmark = world.approved_benchmark(name="other")
    dataset = world.operational(benchmark)
    owner = world.person("owner")
    statistics = owner.approvals(kind=ApprovalKind.STATISTICS)[0]
    association = owner.associate(world.wish(benchmark, dataset_id=dataset.id))
    return association.id, owner.approval(association.approval_id), statistics.id
