"""Associations: asked for by one side, decided by the other or by a rule, kept for ever."""

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalStatus, Decision
from rounds.records.benchmarks import (
    Association,
    AssociationStatus,
    AutoApproval,
    AutoApprovalMode,
    Benchmark,
)
from tests.contract.registry.builders import make_cube
from tests.contract.registry.editing import prioritise
from tests.contract.registry.scenes import (
    ALWAYS,
    OPEN_DOORS,
    add_model,
    another_benchmark,
    joined,
    prepared,
)
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

APPROVED, PENDING = AssociationStatus.APPROVED, AssociationStatus.PENDING


class TestRules:
    def test_let_in_whom_the_committee_said(self, world: World) -> None:
        """NEVER waits, ALWAYS lets in, an allow-list lets in who is on it, for both sides alike (A16)."""
        homes = [world.person(name).me().organisation_id for name in ("owner", "maker")]
        rules = {
            "NEVER": AutoApproval(),
            "ALWAYS": ALWAYS,
            "listed": AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=tuple(homes)),
            "empty list": AutoApproval(mode=AutoApprovalMode.ALLOWLIST),
        }
        first = world.approved_benchmark()
        dataset, tree = prepared(world, first), add_model(world, first)
        open_ones = {
            name: another_benchmark(world, first, name, datasets=rule, models=rule)
            for name, rule in rules.items()
        }

        asked = {
            name: (
                world.person("owner").associate(world.wish(benchmark, dataset_id=dataset.id)),
                world.person("maker").associate(world.wish(benchmark, model_id=tree.id)),
            )
            for name, benchmark in open_ones.items()
        }

        found = {name: (data.status, model.status) for name, (data, model) in asked.items()}
        assert found == {
            "NEVER": (PENDING, PENDING),
            "ALWAYS": (APPROVED, APPROVED),
            "listed": (APPROVED, APPROVED),
            "empty list": (PENDING, PENDING),
        }
        approval = world.person("maker").approval(asked["listed"][1].approval_id)
        assert (approval.rule, approval.decided_by) == ("models=ALLOWLIST v1", None)

    def test_let_in_what_is_the_committees_own(self, world: World) -> None:
        """Whoever owns both sides need ask nobody, under NEVER too (A16)."""
        benchmark, committee = world.approved_benchmark(), world.person("committee")
        own = committee.register_cube(make_cube("tree"))

        association = committee.associate(world.wish(benchmark, model_id=own.id))

        assert association.status is APPROVED
        assert committee.approval(association.approval_id).rule == "same owner v1"

    def test_do_not_answer_for_who_is_invited(self, world: World) -> None:
        """What the benchmark's owner asks for waits for the other side, under ALWAYS too (A16)."""
        benchmark, maker = world.approved_benchmark(**OPEN_DOORS), world.person("maker")
        cube = maker.register_cube(make_cube("tree"))
        committee = world.person("committee")

        association = committee.associate(world.wish(benchmark, model_id=cube.id))

        approval = maker.approval(association.approval_id)
        assert (association.status, approval.role) == (PENDING, "model owner")
        with pytest.raises(Forbidden, match="needed a second person"):
            world.grant(committee, approval.id)
        world.grant(maker, approval.id)
        assert committee.association(association.id).status is APPROVED


class TestHistory:
    def test_is_kept_from_request_to_revocation(self, world: World) -> None:
        """One open request at a time; after a refusal a new one; a revocation stops the work (A17)."""
        benchmark, committee, maker = closed_door(world)
        tree = maker.register_cube(make_cube("tree"))
        first = maker.associate(world.wish(benchmark, model_id=tree.id))
        with pytest.raises(Forbidden, match="needed a second person"):
            world.grant(maker, first.approval_id)
        with pytest.raises(Conflict, match="is PENDING; it is the one to use"):
            maker.associate(world.wish(benchmark, model_id=tree.id))
        refusal = decision_on(committee.approval(first.approval_id), Decision.REFUSE)
        committee.decide(first.approval_id, refusal)

        second = maker.associate(world.wish(benchmark, model_id=tree.id))
        world.grant(committee, second.approval_id)
        with pytest.raises(Conflict, match="is GRANTED, needed PENDING"):
            world.grant(committee, second.approval_id)
        with pytest.raises(Conflict, match="is APPROVED; it is the one to use"):
            maker.associate(world.wish(benchmark, model_id=tree.id))
        committee.revoke_association(second.id, "moved away")

        assert second.status is PENDING
        assert [found.status for found in maker.associations()] == [
            AssociationStatus.REJECTED,
            AssociationStatus.REVOKED,
        ]
        assert maker.approval(second.approval_id).status is ApprovalStatus.REVOKED
        with pytest.raises(Conflict, match="found REVOKED, which may become nothing"):
            committee.revoke_association(second.id, "again")

    def test_lists_what_is_in_force(self, world: World) -> None:
        """Of a pair's associations the latest is in force."""
        benchmark, committee, maker = closed_door(world)
        tree = maker.register_cube(make_cube("tree"))
        asked = []
        for _ in range(2):
            found = maker.associate(world.wish(benchmark, model_id=tree.id))
            asked.append(found.id)
            refusal = decision_on(committee.approval(found.approval_id), Decision.REFUSE)
            committee.decide(found.approval_id, refusal)

        latest = maker.page(Association, "/associations", latest=True)

        assert [found.id for found in latest.items] == asked[1:]


class TestRevocation:
    def test_is_either_sides(self, world: World) -> None:
        """Committee and owner may each end it; another participant finds nothing; a worker may not."""
        joined(world)
        data, model = world.person("committee").associations()
        with pytest.raises(NotFound, match=f"no association {data.id} "):
            world.person("maker").revoke_association(data.id, "moved away")
        with pytest.raises(Forbidden, match="needed a decider"):
            world.worker("owner", "site-a").revoke_association(data.id, "moved away")
        with pytest.raises(InvalidInput, match="found what looks like an e-mail address in reason"):
            world.person("owner").revoke_association(data.id, "ask jane@example.org")

        by_owner = world.person("owner").revoke_association(data.id, "moved away")
        by_committee = world.person("committee").revoke_association(model.id, "too slow")

        assert {by_owner.status, by_committee.status} == {AssociationStatus.REVOKED}
        assert world.person("committee").cells() == []

    def test_by_the_approval_is_the_same(self, world: World) -> None:
        """Who granted an association may take that back; the association goes with it (A17)."""
        benchmark, committee, maker = closed_door(world)
        tree = maker.register_cube(make_cube("tree"))
        asked = maker.associate(world.wish(benchmark, model_id=tree.id))
        world.grant(committee, asked.approval_id)

        committee.revoke_approval(asked.approval_id)

        assert maker.association(asked.id).status is AssociationStatus.REVOKED


class TestPriority:
    def test_is_the_committees_and_orders_the_work(self, world: World) -> None:
        """Higher runs first; a model's owner cannot move it to the front (A19)."""
        benchmark, _, tree = joined(world)
        oak = add_model(world, benchmark, name="oak")
        maker, committee = world.person("maker"), world.person("committee")
        of = {found.model_id: found.id for found in committee.associations()}
        reference = benchmark.reference_model_id

        prioritise(committee, of[oak.id], 5)
        prioritise(committee, of[tree.id], -5)

        order = [cell.model_id for cell in world.person("owner").cells()]
        assert order == [oak.id, reference, tree.id]
        with pytest.raises(Forbidden, match="somebody else's"):
            prioritise(maker, of[tree.id], 9)
        with pytest.raises(Conflict, match="only models have a priority"):
            prioritise(committee, of[None], 9)


def closed_door(world: World) -> tuple[Benchmark, RegistryClient, RegistryClient]:
    """A benchmark that lets nobody in by rule, its committee and a model's maker."""
    return world.approved_benchmark(), world.person("committee"), world.person("maker")
