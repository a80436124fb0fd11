"""Publications: a leaderboard as it was shown to the committee, for everyone from then on."""

import pytest

from cube_specs.models import CubeKind
from rounds.client.registry import RegistryClient
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, NotFound
from rounds.records.approvals import ApprovalStatus, Decision
from rounds.records.benchmarks import Audience, Benchmark, SharingPolicy
from rounds.records.executions import ClaimIn, Result
from rounds.records.shown import publication_document
from tests.contract.registry.builders import make_cube
from tests.contract.registry.editing import replace_metrics
from tests.contract.registry.scenes import add_result, joined, submit_scores
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

PUBLIC = SharingPolicy(per_site=Audience(public=True), pooled=Audience(public=True))


class TestPublication:
    def test_is_what_was_shown(self, world: World) -> None:
        """A score that comes in after the request is not in what is published under it."""
        benchmark, _ = scored(world)
        committee, owner = world.person("committee"), world.person("owner")
        asked = committee.request_publication(benchmark.id)
        proposed = committee.proposed_publication(asked.subject_id)
        add_result(world, benchmark, owner.datasets()[0], benchmark.reference_model_id)

        world.grant(committee, asked.id)

        published = world.client("").publication(asked.subject_id)
        assert asked.shown_sha256 == sha256_json(publication_document(proposed))
        assert published.leaderboard == proposed
        assert (published.sha256, published.approval_id) == (asked.shown_sha256, asked.id)
        assert committee.leaderboard(benchmark.id) != proposed

    def test_takes_a_grant(self, world: World) -> None:
        """Nobody sees what waits or was refused; what is published stays, and can be asked for anew."""
        benchmark, _ = scored(world)
        committee, nobody = world.person("committee"), world.client("")
        refused = committee.request_publication(benchmark.id)
        committee.decide(refused.id, decision_on(refused, Decision.REFUSE))
        assert nobody.publications() == []
        asked = [committee.request_publication(benchmark.id) for _ in range(2)]
        assert committee.approval(asked[0].id).status is ApprovalStatus.VOID

        world.grant(committee, asked[1].id)

        assert [found.approval_id for found in nobody.publications()] == [asked[1].id]
        assert nobody.publications(benchmark_id=benchmark.id + 1) == []
        for waited in (refused, asked[0]):
            with pytest.raises(NotFound, match=f"found no publication {waited.subject_id}"):
                nobody.publication(waited.subject_id)
        with pytest.raises(Conflict, match="the approval of a publication stays"):
            committee.revoke_approval(asked[1].id)

    def test_is_the_committees(self, world: World) -> None:
        """A participant neither asks for it nor sees what is proposed; it is in the committee's inbox."""
        benchmark, _ = scored(world)
        committee, maker = world.person("committee"), world.person("maker")
        with pytest.raises(Forbidden, match="somebody else's"):
            maker.request_publication(benchmark.id)

        asked = committee.request_publication(benchmark.id)

        with pytest.raises(NotFound, match=f"no publication {asked.subject_id} "):
            maker.proposed_publication(asked.subject_id)
        with pytest.raises(NotFound, match="that you may know of"):
            world.grant(maker, asked.id)
        assert [found.id for found in committee.approvals(mine=True, open=True)] == [asked.id]

    def test_needs_a_policy_that_makes_something_public(self, world: World) -> None:
        """What nobody agreed to make public is not even asked for."""
        benchmark, _, _ = joined(world)

        with pytest.raises(Conflict, match="makes nothing public"):
            world.person("committee").request_publication(benchmark.id)


class TestVoid:
    def test_once_a_result_in_it_is_withdrawn(self, world: World) -> None:
        """What was shown holds no more: it is asked for anew, without the score."""
        benchmark, result = scored(world)
        committee = world.person("committee")
        asked = committee.request_publication(benchmark.id)

        world.person("owner").withdraw_result(result.id, "a patient took back consent")

        assert_void(world, asked.id)
        again = committee.request_publication(benchmark.id)
        rows = committee.proposed_publication(again.subject_id).rows
        assert {row.score for row in rows} == {None}

    def test_once_a_result_in_it_is_superseded(self, world: World) -> None:
        """A newer version of a score that was shown makes the request void."""
        benchmark, result = scored(world)
        committee, owner = world.person("committee"), world.person("owner")
        asked = committee.request_publication(benchmark.id)
        judge = committee.register_cube(make_cube("judge2", CubeKind.METRICS))
        replace_metrics(committee, benchmark.id, judge.id)

        submit_scores(world, owner.datasets()[0], owner.claim(next_claim(result)))

        assert_void(world, asked.id)


def scored(world: World) -> tuple[Benchmark, Result]:
    """A benchmark whose scores may be made public, and a result in it."""
    benchmark, dataset, tree = joined(world, sharing=PUBLIC)
    return benchmark, add_result(world, benchmark, dataset, tree.id)


def next_claim(result: Result) -> ClaimIn:
    """A later run's claim on the cell of a result."""
    return ClaimIn(
        benchmark_id=result.benchmark_id,
        dataset_id=result.dataset_id,
        model_id=result.model_id,
        key="run-2-cell",
    )


def assert_void(world: World, approval_id: int) -> None:
    """Fail unless a request to publish is VOID, and granted no more."""
    committee: RegistryClient = world.person("committee")
    assert committee.approval(approval_id).status is ApprovalStatus.VOID
    with pytest.raises(Conflict, match="is VOID, needed PENDING"):
        world.grant(committee, approval_id)
    assert committee.publications() == []
