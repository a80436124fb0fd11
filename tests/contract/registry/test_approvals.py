"""Decisions: bound to a person, to bytes and to a time (A37)."""

import pytest

from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Decision,
)
from rounds.records.executions import ExecutionStatus
from rounds.records.people import UserChange
from tests.contract.registry.builders import sha
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World


class TestDecision:
    def test_is_bound_to_the_bytes_that_were_shown(self, world: World) -> None:
        """Who was shown something else has not decided on this, and holds back nothing else (A37)."""
        approval, owner = results_asked(world), world.person("owner")
        wrong = decision_on(approval).model_copy(update={"shown_sha256": sha("other")})
        told = decision_on(approval).model_copy(update={"reason": "ask jane@example.org"})

        with pytest.raises(Conflict, match="about other bytes"):
            owner.decide(approval.id, wrong)
        with pytest.raises(InvalidInput, match="held back is not in approval"):
            owner.decide(approval.id, decision_on(approval, Decision.GRANT, 999))
        with pytest.raises(InvalidInput, match="found what looks like an e-mail address in reason"):
            owner.decide(approval.id, told)
        assert owner.approval(approval.id) == approval

    def test_is_made_once(self, world: World) -> None:
        """A decision that is replayed decides nothing (A37)."""
        approval, owner = results_asked(world), world.person("owner")
        world.grant(owner, approval.id)

        with pytest.raises(Conflict, match="is GRANTED, needed PENDING"):
            owner.decide(approval.id, decision_on(approval))
        with pytest.raises(Conflict, match="is GRANTED, needed PENDING"):
            owner.decide(approval.id, decision_on(approval, Decision.REFUSE))

    def test_is_made_in_time(self, world: World) -> None:
        """Nothing is decided late; the cell may be run again (A37)."""
        approval = results_asked(world)
        world.advance(3601)

        with pytest.raises(Conflict, match="is EXPIRED, needed PENDING"):
            world.person("owner").decide(approval.id, decision_on(approval))

        cell = world.person("owner").cells()[0]
        assert (cell.status, cell.runnable) == (ExecutionStatus.EXPIRED, True)

    def test_is_whose_duty_it_is(self, world: World) -> None:
        """What leaves a site is its data owner's to decide: no worker's, no administrator's, no stranger's."""
        approval = results_asked(world)

        with pytest.raises(Forbidden, match="needed one that acts as decider"):
            world.worker("owner", "site-a").decide(approval.id, decision_on(approval))
        with pytest.raises(Forbidden, match="for the data owner to decide"):
            world.admin.decide(approval.id, decision_on(approval))
        with pytest.raises(NotFound, match="that you may know of"):
            world.person("stranger").decide(approval.id, decision_on(approval))
        with pytest.raises(NotFound, match="that you may know of"):
            world.person("committee").approval(approval.id)

    def test_to_refuse_holds_the_cells_back(self, world: World) -> None:
        """A refused result stays home for good."""
        approval = results_asked(world)

        world.person("owner").decide(approval.id, decision_on(approval, Decision.REFUSE))

        cell = world.person("owner").cells()[0]
        assert (cell.status, cell.runnable) == (ExecutionStatus.HELD_BACK, False)


class TestInbox:
    def test_holds_what_is_ones_own_to_decide(self, world: World) -> None:
        """Of what one may know of, only what one decides is in one's inbox."""
        _, approval, _ = association_asked(world)

        inboxes = {
            name: [found.id for found in world.person(name).approvals(mine=True, open=True)]
            for name in ("committee", "owner", "admin")
        }

        assert inboxes == {"committee": [approval.id], "owner": [], "admin": []}


class TestCodes:
    def test_code_carries_the_persons_decision(self, world: World) -> None:
        """A worker that redeems a code decides as the person who minted it, once."""
        approval = results_asked(world)
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        code = owner.mint_code(approval.id, decision_on(approval)).code

        decided = worker.redeem(approval.id, code)

        assert decided.status is ApprovalStatus.GRANTED
        assert decided.decided_by == owner.me().id
        with pytest.raises(Forbidden, match="unknown, used or expired"):
            worker.redeem(approval.id, code)

    def test_code_lasts_fifteen_minutes(self, world: World) -> None:
        """An old code is worth nothing."""
        approval = results_asked(world)
        code = world.person("owner").mint_code(approval.id, decision_on(approval)).code

        world.advance(15 * 60 + 1)

        with pytest.raises(Forbidden, match="unknown, used or expired"):
            world.person("owner").redeem(approval.id, code)

    def test_code_needs_who_may_decide(self, world: World) -> None:
        """A worker's token mints no code."""
        approval = results_asked(world)

        with pytest.raises(Forbidden, match="needed one that acts as decider"):
            world.worker("owner", "site-a").mint_code(approval.id, decision_on(approval))

    def test_code_is_of_one_approval(self, world: World) -> None:
        """A code for one approval decides no other."""
        _, first, dataset_approval = association_asked(world)
        code = world.person("committee").mint_code(first.id, decision_on(first)).code

        with pytest.raises(Forbidden, match="unknown, used or expired"):
            world.person("owner").redeem(dataset_approval, code)

    def test_code_of_a_closed_account_is_worthless(self, world: World) -> None:
        """Whoever has no account any more decides nothing, not even by a code from before (A37)."""
        benchmark, committee = world.propose(), world.person("committee")
        second, deputy = world.person("second"), world.person("deputy")
        me = second.me()
        world.admin.change_user(me.id, UserChange(is_admin=True), revision=me.revision)
        world.admin.delegate(benchmark.approval_id, deputy.me().id)
        approval = committee.approval(benchmark.approval_id)
        minters = (world.sign_in("second"), deputy)
        codes = [minter.mint_code(approval.id, decision_on(approval)).code for minter in minters]

        for minter in minters:
            close_account(world, minter.me().id)

        for code in codes:
            with pytest.raises(Forbidden, match="has no account any more"):
                committee.redeem(approval.id, code)
        assert committee.approval(approval.id).status is ApprovalStatus.PENDING

    def test_code_of_who_lost_the_duty_is_worthless(self, world: World) -> None:
        """A code is good for what its minter may do when it is redeemed."""
        board = world.organisation("Tumour Board", "committee", "dina")
        benchmark = world.approved_benchmark(organisation_id=board)
        dataset, dina = world.operational(benchmark), world.person("dina")
        asked = world.person("owner").associate(world.wish(benchmark, dataset_id=dataset.id))
        approval = dina.approval(asked.approval_id)
        code = dina.mint_code(approval.id, decision_on(approval)).code
        committee = world.person("committee")
        place = next(found for found in committee.members(board) if found.user_id == dina.me().id)

        committee.remove_member(board, place.id)

        with pytest.raises(NotFound, match="that you may know of"):
            committee.redeem(approval.id, code)
        assert committee.approval(approval.id).status is ApprovalStatus.PENDING


def close_account(world: World, user_id: int) -> None:
    """Have the administrator close an account."""
    revision = world.admin.user(user_id).revision
    world.admin.change_user(user_id, UserChange(is_valid=False), revision=revision)


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
