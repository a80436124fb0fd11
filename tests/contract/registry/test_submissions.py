"""Submissions: released scores, exactly once, within the contract."""

from dataclasses import replace

import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict, IntegrityError, InvalidInput
from rounds.records.approvals import Decision
from rounds.records.executions import MetricValue
from tests.contract.registry.builders import SCORES, make_cube
from tests.contract.registry.world import World, decision_on, released


class TestSubmission:
    def test_submitted_twice_is_stored_once(self, world: World) -> None:
        """The same bytes again get the same receipt."""
        token, scores = world.granted()

        receipts = [world.person("owner").submit(scores, fencing_token=token) for _ in range(2)]

        assert receipts[0] == receipts[1]

    def test_ungranted_release_is_refused(self, world: World) -> None:
        """Nothing comes in before a person, or a rule, has released it."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        scores = released(claim.execution_id, approval.id)

        with pytest.raises(Conflict, match="is PENDING, needed GRANTED"):
            world.person("owner").submit(scores, fencing_token=claim.fencing_token)

    def test_statistics_approval_releases_no_scores(self, world: World) -> None:
        """An approval covers what it is about."""
        token, scores = world.granted()
        other = replace(scores, approval_id=2)

        with pytest.raises(Conflict, match="found no such approval of results"):
            world.person("owner").submit(other, fencing_token=token)

    def test_held_back_item_stays_home(self, world: World) -> None:
        """A grant that holds a cell back does not let it out."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        owner.decide(approval.id, decision_on(approval, Decision.GRANT, claim.execution_id))

        with pytest.raises(Conflict, match="is HELD_BACK, needed it SCORED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )

    def test_wrong_token_is_refused(self, world: World) -> None:
        """Nothing is submitted without the cell's fencing token."""
        token, scores = world.granted()

        with pytest.raises(Conflict, match="needed the cell's current one"):
            world.person("owner").submit(scores, fencing_token=token + 1)

    @pytest.mark.parametrize(
        ("metrics", "said"),
        [
            ({"auroc": SCORES["auroc"]}, "needed exactly: auroc, brier"),
            ({**SCORES, "smuggled": MetricValue(score=0.5)}, "needed exactly: auroc, brier"),
            ({**SCORES, "brier": MetricValue(score=1.5)}, "brier is out of the contract's range"),
            (
                {**SCORES, "brier": MetricValue(score=0.2, variance=0.1)},
                "found a variance of brier, needed none",
            ),
        ],
    )
    def test_contract_is_kept(
        self, world: World, metrics: dict[str, MetricValue], said: str
    ) -> None:
        """What the contract does not name, or not allow, is not taken in."""
        token, scores = world.granted()

        with pytest.raises(InvalidInput, match=said):
            world.person("owner").submit(replace(scores, metrics=metrics), fencing_token=token)

    def test_values_must_be_the_approved_bytes(self, world: World) -> None:
        """Other values under an approved sha256 are refused."""
        token, scores = world.granted()
        better = {**SCORES, "auroc": MetricValue(score=0.99, variance=0.01)}

        with pytest.raises(IntegrityError, match="do not have the sha256"):
            world.person("owner").submit(replace(scores, metrics=better), fencing_token=token)

    def test_revoked_dataset_submits_nothing(self, world: World) -> None:
        """Work that was outstanding when an association was revoked stops."""
        token, scores = world.granted()
        committee = world.person("committee")
        committee.revoke_association(committee.associations()[0].id)

        with pytest.raises(Conflict, match="has no approved association"):
            world.person("owner").submit(scores, fencing_token=token)

    def test_new_metrics_cube_makes_it_outstanding_and_supersedes(self, world: World) -> None:
        """A new metrics cube scores again; the new result takes the place of the old."""
        first = world.submitted()
        committee, owner = world.person("committee"), world.person("owner")
        benchmark, dataset = owner.benchmarks()[0], owner.datasets()[0]
        judge = committee.register_cube(make_cube("judge2", CubeKind.METRICS))
        committee.change_metrics(benchmark.id, judge.id)
        assert owner.cells()[0].outstanding

        claim = world.claim(dataset, benchmark, key="run-2-cell")
        approval = world.score(dataset, claim)
        world.grant(owner, approval.id)
        scores = released(claim.execution_id, approval.id)
        owner.submit(scores, fencing_token=claim.fencing_token)

        cell = owner.cells()[0]
        assert (cell.execution_id, cell.outstanding) == (claim.execution_id, False)
        assert cell.execution_id != first
