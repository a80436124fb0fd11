"""Two people: where the committee asks for it, nobody lets anything in alone, and no rule is the second."""

import pytest

from rounds.errors import Conflict, Forbidden
from rounds.records.approvals import ApprovalStatus, Decision
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    Audience,
    SharingPolicy,
    TwoPeople,
)
from tests.contract.registry.builders import make_cube
from tests.contract.registry.scenes import OPEN_DOORS, prepared
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

TWO = TwoPeople(required=True)
TWO_HOUSES = TwoPeople(required=True, organisations=True)
PUBLIC = SharingPolicy(pooled=Audience(public=True))


class TestTwoPeople:
    def test_grant_what_one_cannot(self, world: World) -> None:
        """One vote leaves it pending, the same person's second is refused, another's grants."""
        approval_id = asked_to_join(world)
        dina, emil = world.person("dina"), world.person("emil")

        first = world.grant(dina, approval_id)
        with pytest.raises(Conflict, match="has your vote, needed another person's"):
            world.grant(dina, approval_id)
        second = world.grant(emil, approval_id)

        assert (first.status, first.needed) == (ApprovalStatus.PENDING, 2)
        assert [vote.user_id for vote in first.votes] == [dina.me().id]
        assert second.status is ApprovalStatus.GRANTED
        assert [vote.user_id for vote in second.votes] == [dina.me().id, emil.me().id]
        found = dina.association(second.subject_id)
        assert found.status is AssociationStatus.APPROVED

    def test_may_each_refuse_alone(self, world: World) -> None:
        """One refusal refuses, as the first word and after a vote for it."""
        first = asked_to_join(world)
        dina, emil = world.person("dina"), world.person("emil")

        alone = dina.decide(first, decision_on(dina.approval(first), Decision.REFUSE))
        owner = world.person("owner")
        before = owner.association(alone.subject_id)
        again = owner.associate(wish_of(before)).approval_id
        world.grant(dina, again)
        after = emil.decide(again, decision_on(emil.approval(again), Decision.REFUSE))

        assert (alone.status, after.status) == (ApprovalStatus.REFUSED, ApprovalStatus.REFUSED)
        found = [association.status for association in owner.associations()]
        assert found == [AssociationStatus.REJECTED] * 2
        with pytest.raises(Conflict, match="is REFUSED, needed PENDING"):
            world.grant(world.person("committee"), again)

    def test_do_not_include_the_author(self, world: World) -> None:
        """Who asked for a publication is neither of the two; where one suffices they may be that one."""
        organisation_id = committee_of_three(world)
        benchmark = world.approved_benchmark(
            organisation_id=organisation_id, two_people=TWO, sharing=PUBLIC
        )
        author, dina, emil = (world.person(name) for name in ("committee", "dina", "emil"))
        asked = author.request_publication(benchmark.id)

        with pytest.raises(Forbidden, match="was asked for by you, needed a second person"):
            world.grant(author, asked.id)
        world.grant(dina, asked.id)
        world.grant(emil, asked.id)

        assert [found.approval_id for found in author.publications()] == [asked.id]

    def test_may_act_through_codes(self, world: World) -> None:
        """A code is the vote of who minted it: two of one person's are one."""
        approval_id = asked_to_join(world)
        dina, emil, committee = (world.person(name) for name in ("dina", "emil", "committee"))
        shown = decision_on(dina.approval(approval_id))
        codes = [dina.mint_code(approval_id, shown).code for _ in range(2)]
        last = emil.mint_code(approval_id, shown).code

        committee.redeem(approval_id, codes[0])
        with pytest.raises(Conflict, match="has your vote"):
            committee.redeem(approval_id, codes[1])
        decided = committee.redeem(approval_id, last)

        assert decided.status is ApprovalStatus.GRANTED
        assert [vote.user_id for vote in decided.votes] == [dina.me().id, emil.me().id]


class TestRules:
    def test_are_never_the_second_person(self, world: World) -> None:
        """Under ALWAYS a rule's vote leaves it pending; with one person's it is granted."""
        approval_id = asked_to_join(world, **OPEN_DOORS)
        dina = world.person("dina")

        ruled = dina.approval(approval_id)
        decided = world.grant(dina, approval_id)

        assert ruled.status is ApprovalStatus.PENDING
        assert [vote.rule for vote in ruled.votes] == ["datasets=ALWAYS v1"]
        assert decided.status is ApprovalStatus.GRANTED
        assert [vote.user_id for vote in decided.votes] == [None, dina.me().id]

    def test_do_not_let_the_author_pass(self, world: World) -> None:
        """What is the committee's own takes somebody else of it, beside the rule."""
        organisation_id = committee_of_three(world)
        benchmark = world.approved_benchmark(organisation_id=organisation_id, two_people=TWO)
        author = world.person("committee")
        wanted = make_cube("tree").model_copy(update={"organisation_id": organisation_id})
        own = author.register_cube(wanted)

        asked = author.associate(world.wish(benchmark, model_id=own.id))

        assert asked.status is AssociationStatus.PENDING
        with pytest.raises(Forbidden, match="needed a second person"):
            world.grant(author, asked.approval_id)
        world.grant(world.person("dina"), asked.approval_id)
        assert author.association(asked.id).status is AssociationStatus.APPROVED


class TestTwoOrganisations:
    def test_are_of_different_houses(self, world: World) -> None:
        """Both belong to a house beside the committee's, and not to the same one."""
        approval_id = asked_to_join(world, two_people=TWO_HOUSES)
        dina, emil, committee = (world.person(name) for name in ("dina", "emil", "committee"))
        world.organisation("North Clinic", "dina", "emil")

        with pytest.raises(Forbidden, match="needed you to belong to one beside the committee's"):
            world.grant(committee, approval_id)
        world.grant(dina, approval_id)
        with pytest.raises(Forbidden, match="has the vote of somebody of your organisation"):
            world.grant(emil, approval_id)
        world.organisation("South Clinic", "committee")
        decided = world.grant(committee, approval_id)

        assert decided.status is ApprovalStatus.GRANTED


def committee_of_three(world: World) -> int:
    """The id of an organisation of `committee`, dina and emil, who may all decide."""
    return world.organisation("Tumour Board", "committee", "dina", "emil")


def asked_to_join(world: World, **fields: object) -> int:
    """The id of the approval of a dataset, on which two of the committee's three decide."""
    terms = {"two_people": TWO, "organisation_id": committee_of_three(world), **fields}
    benchmark = world.approved_benchmark(**terms)
    dataset = prepared(world, benchmark)
    asked = world.person("owner").associate(world.wish(benchmark, dataset_id=dataset.id))
    return asked.approval_id


def wish_of(association: Association) -> AssociationIn:
    """The same request once more."""
    fields = set(AssociationIn.model_fields)
    return AssociationIn.model_validate(association.model_dump(include=fields))
