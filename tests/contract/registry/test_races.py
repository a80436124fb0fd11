"""Two and more who want the same thing at the same moment: one has it, on both databases."""

from functools import partial

from rounds.errors import Conflict, RoundsError
from rounds.records.approvals import Approval, Decision
from rounds.records.benchmarks import AssociationIn, TwoPeople
from rounds.records.people import Role
from tests.contract.registry.builders import make_benchmark, make_cube, sha
from tests.contract.registry.races import race
from tests.contract.registry.wishes import claim_of, decision_on
from tests.contract.registry.world import World

N = 6


def all_conflicts(refused: list[RoundsError]) -> bool:
    """Whether nobody heard anything but that another was there first."""
    return {type(error) for error in refused} <= {Conflict}


class TestOneOfMany:
    def test_registers_a_name(self, world: World) -> None:
        """Of many cubes of one name one is registered, and the others hear that it is taken."""
        admin = world.admin

        made, refused = race(
            [partial(admin.register_cube, make_cube("tree", source=f"{n}")) for n in range(N)]
        )

        assert len(made) == 1
        assert all_conflicts(refused)
        assert [cube.id for cube in admin.cubes()] == [made[0].id]

    def test_proposes_a_benchmark(self, world: World) -> None:
        """Of many benchmarks of one organisation one is pending."""
        first = world.approved_benchmark()
        committee = world.person("committee")
        parts = (first.preparator_id, first.reference_model_id, first.metrics_id)
        wanted = [make_benchmark(*parts, name=f"lumps {n}") for n in range(N)]

        made, refused = race([partial(committee.propose_benchmark, each) for each in wanted])

        assert len(made) == 1
        assert all_conflicts(refused)
        assert {found.id for found in committee.benchmarks()} == {first.id, made[0].id}

    def test_asks_to_join(self, world: World) -> None:
        """Of many requests of one model to join one is open."""
        benchmark = world.approved_benchmark()
        owner = world.person("owner")
        model = owner.register_cube(make_cube("tree"))
        wanted = AssociationIn(
            benchmark_id=benchmark.id, model_id=model.id, test_sha256=sha("test")
        )

        made, refused = race([partial(owner.associate, wanted)] * N)

        assert len(made) == 1
        assert all_conflicts(refused)
        assert [found.id for found in owner.associations()] == [made[0].id]

    def test_claims_a_cell(self, world: World) -> None:
        """Of many claims with keys of their own one holds the cell."""
        benchmark, dataset = world.ready()
        owner = world.person("owner")
        keys = [f"run-{n}-cell" for n in range(N)]

        held, refused = race(
            [partial(owner.claim, claim_of(dataset, benchmark, key=key)) for key in keys]
        )

        assert len(held) == 1
        assert all_conflicts(refused)
        [execution] = owner.executions()
        assert execution.id == held[0].execution_id

    def test_decides(self, world: World) -> None:
        """Of many decisions, for and against, one counts."""
        benchmark = world.propose()
        approval = world.admin.approval(benchmark.approval_id)
        answers = [Decision.GRANT, Decision.REFUSE] * (N // 2)

        made, refused = race(
            [
                partial(world.admin.decide, approval.id, decision_on(approval, answer))
                for answer in answers
            ]
        )

        assert len(made) == 1
        assert all_conflicts(refused)
        found = world.admin.approval(approval.id)
        assert (found.status, found.revision) == (made[0].status, made[0].revision)


class TestVotes:
    def test_are_as_many_as_needed(self, world: World) -> None:
        """Of four who vote at once two are needed: two votes count, and no more."""
        voters = ["first", "second", "third", "fourth"]
        approval = waits_for_two(world, *voters)

        voted, refused = race(
            [
                partial(world.person(name).decide, approval.id, decision_on(approval))
                for name in voters
            ]
        )

        assert len(voted) == 2
        assert all_conflicts(refused)
        found = world.admin.approval(approval.id)
        assert (found.status, len(found.votes)) == ("GRANTED", 2)
        assert len({vote.user_id for vote in found.votes}) == 2

    def test_of_one_person_count_once(self, world: World) -> None:
        """One who votes several times at once has one vote, and nothing is granted."""
        approval = waits_for_two(world, "first", "second")
        first = world.person("first")

        voted, refused = race([partial(first.decide, approval.id, decision_on(approval))] * N)

        assert len(voted) == 1
        assert all_conflicts(refused)
        found = world.admin.approval(approval.id)
        assert (found.status, len(found.votes)) == ("PENDING", 1)


class TestFencing:
    def test_lets_one_claim_follow_a_lapsed_one(self, world: World) -> None:
        """Of many who take over a lapsed cell one does; the first holder is not heard again."""
        benchmark, dataset = world.ready()
        old = world.claim(dataset, benchmark)
        world.advance(200)
        owner = world.person("owner")
        keys = [f"late-{n}-cell" for n in range(N)]

        held, refused = race(
            [partial(owner.claim, claim_of(dataset, benchmark, key=key)) for key in keys]
        )

        [new] = held
        assert all_conflicts(refused)
        assert new.fencing_token == old.fencing_token + 1
        beats, unheard = race([partial(owner.heartbeat, old.execution_id, fencing_token=1)] * 2)
        assert (beats, len(unheard)) == ([], 2)


def waits_for_two(world: World, *deciders: str) -> Approval:
    """A model's request to join, on which two of the committee's deciders must agree."""
    organisation = world.organisation("heron", "committee", *deciders, role=Role.DECIDER)
    benchmark = world.approved_benchmark(
        organisation_id=organisation, two_people=TwoPeople(required=True)
    )
    modeller = world.person("modeller")
    cube = modeller.register_cube(make_cube("tree"))
    association = modeller.associate(world.wish(benchmark, model_id=cube.id))
    return modeller.approval(association.approval_id)
