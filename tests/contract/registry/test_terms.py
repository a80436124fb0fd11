"""Terms: whoever joined agreed to them; changed, everyone is asked again, and nothing goes on meanwhile."""

import pytest

from rounds.errors import Conflict
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import (
    AssociationStatus,
    Audience,
    Benchmark,
    BenchmarkChange,
    SharingPolicy,
)
from rounds.records.cubes import State
from tests.contract.registry.editing import prioritise
from tests.contract.registry.scenes import add_result, claim_cell, joined
from tests.contract.registry.world import World

EVERYBODY = SharingPolicy(
    per_site=Audience(model_owner=True, participants=True),
    pooled=Audience(participants=True, public=True),
)


class TestChangedTerms:
    def test_end_what_was_joined_and_ask_again(self, world: World) -> None:
        """Both sides are asked anew, the rule does not answer for them, and no cell is left to run."""
        benchmark, dataset, tree = joined(world, state=State.DEVELOPMENT)
        committee = world.person("committee")
        before = {found.model_id: found for found in committee.associations()}
        prioritise(committee, before[tree.id].id, 7)

        change_terms(world, benchmark, BenchmarkChange(minimum_sites=2))

        status = {found.id: found.status for found in committee.associations()}
        again = {found.model_id: found for found in committee.associations()[-2:]}
        asked = {key: committee.approval(found.approval_id) for key, found in again.items()}
        assert {status[found.id] for found in before.values()} == {AssociationStatus.REVOKED}
        assert {found.status for found in again.values()} == {AssociationStatus.PENDING}
        assert {found.role for found in asked.values()} == {"data owner", "model owner"}
        assert again[tree.id].priority == 7
        assert world.person("owner").cells() == []
        with pytest.raises(Conflict, match="has no approved association"):
            claim_cell(world, benchmark, dataset, tree.id)

    def test_bring_back_what_is_agreed_to_again(self, world: World) -> None:
        """Once its owners agree, a cell is there again with its history."""
        benchmark, dataset, tree = joined(world, state=State.DEVELOPMENT)
        result = add_result(world, benchmark, dataset, tree.id)
        change_terms(world, benchmark, BenchmarkChange(minimum_coverage=0.5))
        committee, owner = world.person("committee"), world.person("owner")
        again = {found.dataset_id: found for found in committee.associations()[-2:]}
        world.grant(owner, again[dataset.id].approval_id)
        assert [cell.model_id for cell in owner.cells()] == [benchmark.reference_model_id]

        world.grant(world.person("maker"), again[None].approval_id)

        cell = owner.cells(model_id=tree.id)[0]
        assert (cell.execution_id, cell.metrics) == (result.execution_id, result.metrics)

    def test_void_a_request_that_waits(self, world: World) -> None:
        """Who asked under the old terms is asked under the new ones."""
        benchmark = world.approved_benchmark(state=State.DEVELOPMENT)
        dataset = world.operational(benchmark)
        owner = world.person("owner")
        asked = owner.associate(world.wish(benchmark, dataset_id=dataset.id))

        change_terms(world, benchmark, BenchmarkChange(minimum_sites=2))

        again = owner.associations(status=AssociationStatus.PENDING)
        assert owner.association(asked.id).status is AssociationStatus.REJECTED
        assert owner.approval(asked.approval_id).status is ApprovalStatus.VOID
        assert [owner.approval(found.approval_id).role for found in again] == ["data owner"]
        shown = {owner.approval(found.approval_id).shown_sha256 for found in (asked, *again)}
        assert len(shown) == 2

    def test_show_nobody_what_was_scored_under_the_old(self, world: World) -> None:
        """A wider sharing policy does not reach the scores of who has not agreed to it (A23)."""
        benchmark, dataset, tree = joined(world, state=State.DEVELOPMENT)
        result = add_result(world, benchmark, dataset, tree.id)
        maker, committee = world.person("maker"), world.person("committee")
        assert maker.results() == []

        change_terms(world, benchmark, BenchmarkChange(sharing=EVERYBODY))
        ours = {found.model_id: found for found in committee.associations()[-2:]}
        world.grant(maker, ours[tree.id].approval_id)
        before = maker.results()
        world.grant(world.person("owner"), ours[None].approval_id)

        assert before == []
        assert [found.id for found in maker.results()] == [result.id]

    def test_void_what_waits_to_be_published(self, world: World) -> None:
        """Nothing is published under a policy that is no more."""
        benchmark, _, _ = joined(world, state=State.DEVELOPMENT, sharing=EVERYBODY)
        committee = world.person("committee")
        asked = committee.request_publication(benchmark.id)

        change_terms(world, benchmark, BenchmarkChange(sharing=SharingPolicy()))

        assert committee.approval(asked.id).status is ApprovalStatus.VOID
        with pytest.raises(Conflict, match="is VOID, needed PENDING"):
            world.grant(committee, asked.id)


def change_terms(world: World, benchmark: Benchmark, change: BenchmarkChange) -> None:
    """Have the committee change a benchmark, and an administrator approve it again."""
    committee = world.person("committee")
    after = committee.change_benchmark(benchmark.id, change, revision=benchmark.revision)
    world.grant(world.admin, after.approval_id)
