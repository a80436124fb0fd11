"""Duties: a decision can be put off, a request taken back, and the duty to decide handed on."""

from datetime import timedelta

import pytest

from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from rounds.records.approvals import ApprovalKind, ApprovalStatus
from rounds.records.benchmarks import AssociationStatus, Audience, BenchmarkStatus, SharingPolicy
from rounds.records.executions import ExecutionStatus
from rounds.records.people import Role
from tests.contract.registry.builders import make_cube
from tests.contract.registry.world import World

HOUR_S = 3600
PUBLIC = SharingPolicy(pooled=Audience(public=True))


class TestExtension:
    def test_puts_the_deadline_off_for_both_sides(self, world: World) -> None:
        """Who decides and who asked may have it later, never earlier, and nobody else."""
        approval_id = model_asked(world)
        maker, committee = world.person("maker"), world.person("committee")
        before = committee.approval(approval_id).deadline

        by_asker = maker.extend(approval_id, 20 * 24 * HOUR_S).deadline
        by_decider = committee.extend(approval_id, 30 * 24 * HOUR_S).deadline

        assert by_asker - before == timedelta(days=6)
        assert by_decider - before == timedelta(days=16)
        with pytest.raises(Conflict, match="has a later deadline already"):
            committee.extend(approval_id, HOUR_S)
        with pytest.raises(Forbidden, match="for who asked or who decides to extend"):
            world.admin.extend(approval_id, 60 * 24 * HOUR_S)
        with pytest.raises(NotFound, match="that you may know of"):
            world.person("stranger").extend(approval_id, 60 * 24 * HOUR_S)

    def test_is_asked_for_in_time(self, world: World) -> None:
        """Extended, it is decided after the first deadline; after the last nothing is (A37)."""
        approval_id = model_asked(world, association_deadline_s=HOUR_S)
        world.person("maker").extend(approval_id, 2 * HOUR_S)
        world.advance(HOUR_S + 1)
        assert world.person("maker").approval(approval_id).status is ApprovalStatus.PENDING
        world.advance(HOUR_S)

        with pytest.raises(Conflict, match="is EXPIRED, needed PENDING"):
            world.person("maker").extend(approval_id, 3 * HOUR_S)
        with pytest.raises(Conflict, match="is EXPIRED, needed PENDING"):
            world.grant(world.person("committee"), approval_id)

        found = world.person("maker").associations()[0]
        assert found.status is AssociationStatus.REJECTED

    def test_keeps_a_release_alive(self, world: World) -> None:
        """A worker may ask for more time for its data owner, who then decides."""
        benchmark, dataset = world.ready()
        _, approval = world.scored(dataset, benchmark)
        world.worker("owner", "site-a").extend(approval.id, 3 * HOUR_S)

        world.advance(2 * HOUR_S)

        decided = world.grant(world.person("owner"), approval.id)
        assert decided.status is ApprovalStatus.GRANTED


class TestWithdrawal:
    def test_takes_a_request_back(self, world: World) -> None:
        """Who asked takes it back with a reason; who decides cannot; it may be asked again."""
        approval_id = model_asked(world)
        maker, committee = world.person("maker"), world.person("committee")
        with pytest.raises(Forbidden, match="was asked for by others"):
            committee.withdraw_approval(approval_id, "not now")
        with pytest.raises(InvalidInput, match="found what looks like an e-mail address in reason"):
            maker.withdraw_approval(approval_id, "see jane@example.org")

        approval = maker.withdraw_approval(approval_id, "a better one comes")

        association = maker.association(approval.subject_id)
        assert (approval.status, approval.reason) == (
            ApprovalStatus.WITHDRAWN,
            "a better one comes",
        )
        assert association.status is AssociationStatus.WITHDRAWN
        with pytest.raises(Conflict, match="is WITHDRAWN, needed PENDING"):
            world.grant(committee, approval_id)
        wish = world.wish(maker.benchmarks()[0], model_id=association.model_id or 0)
        assert maker.associate(wish).status is AssociationStatus.PENDING

    def test_is_a_colleagues_too(self, world: World) -> None:
        """A request is its organisation's: whoever acts for it may take it back."""
        laboratory = world.organisation("Laboratory", "maker", "mate", role=Role.MEMBER)
        approval_id = model_asked(world, owned_by=laboratory)

        approval = world.person("mate").withdraw_approval(approval_id, "maker is away")

        assert approval.status is ApprovalStatus.WITHDRAWN

    def test_of_a_benchmark_ends_it(self, world: World) -> None:
        """A proposal that its committee takes back is rejected; another may follow (A7)."""
        benchmark, committee = world.propose(), world.person("committee")

        committee.withdraw_approval(benchmark.approval_id, "the contract has a fault")

        assert committee.benchmark(benchmark.id).status is BenchmarkStatus.REJECTED

    def test_of_a_release_keeps_the_scores_home(self, world: World) -> None:
        """A release that is asked for no more waits for nobody, and may be asked for again."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")

        owner.withdraw_approval(approval.id, "the scores look odd")

        assert owner.approvals(kind=ApprovalKind.RESULTS, open=True) == []
        assert owner.execution(claim.execution_id).status is ExecutionStatus.SCORED
        again = world.score(dataset, claim)
        assert (again.status, again.id != approval.id) == (ApprovalStatus.PENDING, True)


class TestDelegation:
    def test_lets_somebody_else_see_and_decide(self, world: World) -> None:
        """A stranger finds nothing; delegated, they see what is asked and decide it in their own name."""
        approval_id = model_asked(world)
        maker, committee, deputy = (world.person(name) for name in ("maker", "committee", "deputy"))
        subject_id = committee.approval(approval_id).subject_id
        with pytest.raises(NotFound, match="that you may know of"):
            world.grant(deputy, approval_id)
        with pytest.raises(NotFound, match="that you may know of"):
            deputy.association(subject_id)

        committee.delegate(approval_id, deputy.me().id)

        assert [found.id for found in deputy.approvals(mine=True, open=True)] == [approval_id]
        assert deputy.association(subject_id) == maker.association(subject_id)
        decided = world.grant(deputy, approval_id)
        assert (decided.status, decided.decided_by) == (ApprovalStatus.GRANTED, deputy.me().id)

    def test_is_of_one_duty_and_ones_own(self, world: World) -> None:
        """Only who decides hands on, a pending request, in person, to somebody there is; nothing else opens."""
        approval_id = model_asked(world)
        maker, committee, deputy = (world.person(name) for name in ("maker", "committee", "deputy"))
        someone = deputy.me().id
        with pytest.raises(Forbidden, match="was asked for by you, needed a second person"):
            maker.delegate(approval_id, someone)
        with pytest.raises(NotFound, match="found no user 999"):
            committee.delegate(approval_id, 999)
        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.token("committee", Role.DECIDER)).delegate(approval_id, someone)

        committee.delegate(approval_id, someone)

        with pytest.raises(SignInNeeded, match="found an API token"):
            world.grant(world.client(world.token("deputy", Role.DECIDER)), approval_id)
        with pytest.raises(NotFound, match="that you may know of"):
            world.worker("deputy", "site-a").approval(approval_id)
        assert [found.id for found in deputy.approvals()] == [approval_id]
        assert (deputy.cells(), deputy.datasets(), deputy.results()) == ([], [], [])
        world.grant(committee, approval_id)
        with pytest.raises(Conflict, match="is GRANTED, needed PENDING"):
            committee.delegate(approval_id, someone)

    def test_does_not_let_the_author_decide(self, world: World) -> None:
        """Who asked is not the second person, whoever hands them the duty."""
        approval_id = model_asked(world)
        maker, committee = world.person("maker"), world.person("committee")

        committee.delegate(approval_id, maker.me().id)

        with pytest.raises(Forbidden, match="needed a second person"):
            world.grant(maker, approval_id)

    def test_shows_what_is_decided_on(self, world: World) -> None:
        """A delegate sees the pending benchmark, and the leaderboard that would be published."""
        benchmark, deputy = world.propose(sharing=PUBLIC), world.person("deputy")
        world.admin.delegate(benchmark.approval_id, deputy.me().id)
        assert deputy.benchmark(benchmark.id).name == benchmark.name
        world.grant(deputy, benchmark.approval_id)
        committee = world.person("committee")
        asked = committee.request_publication(benchmark.id)
        with pytest.raises(NotFound, match=f"no publication {asked.subject_id} "):
            deputy.proposed_publication(asked.subject_id)

        committee.delegate(asked.id, deputy.me().id)

        proposed = deputy.proposed_publication(asked.subject_id)
        assert proposed == committee.proposed_publication(asked.subject_id)


def model_asked(world: World, *, owned_by: int | None = None, **fields: object) -> int:
    """The id of the approval of a maker's model, for the committee to decide."""
    benchmark, maker = world.approved_benchmark(**fields), world.person("maker")
    wanted = make_cube("tree").model_copy(update={"organisation_id": owned_by})
    cube = maker.register_cube(wanted)
    return maker.associate(world.wish(benchmark, model_id=cube.id)).approval_id
