"""Submissions: released scores, exactly once, within the contract."""

from dataclasses import replace

import pytest

from rounds.errors import Conflict, IntegrityError, InvalidInput
from rounds.records.approvals import Decision
from rounds.records.executions import MetricValue
from tests.contract.registry.builders import SCORES
from tests.contract.registry.wishes import decision_on, released
from tests.contract.registry.world import World


class TestSubmission:
    def test_needs_an_approval_of_its_own(self, world: World) -> None:
        """Nothing comes in before its release is granted, nor under an approval of something else (A37)."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        scores, owner = released(claim.execution_id, approval.id), world.person("owner")
        statistics = next(found.id for found in owner.approvals() if found.id != approval.id)
        other = replace(scores, approval_id=statistics)

        with pytest.raises(Conflict, match="is PENDING, needed GRANTED"):
            owner.submit(scores, fencing_token=claim.fencing_token)
        world.grant(owner, approval.id)
        with pytest.raises(Conflict, match="found no such approval of results"):
            owner.submit(other, fencing_token=claim.fencing_token)
        with pytest.raises(Conflict, match="needed the cell's current one"):
            owner.submit(scores, fencing_token=claim.fencing_token + 1)
        assert owner.results() == []

    def test_of_a_held_back_item_is_refused(self, world: World) -> None:
        """A grant that holds a cell back does not let it out."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        owner.decide(approval.id, decision_on(approval, Decision.GRANT, claim.execution_id))

        with pytest.raises(Conflict, match="is HELD_BACK, needed it SCORED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )

    def test_keeps_the_contract(self, world: World) -> None:
        """What the contract does not name, or not allow, is not taken in."""
        token, scores = world.granted()
        too_high = {**SCORES, "brier": MetricValue(score=1.5)}
        unheard_of = {**SCORES, "brier": MetricValue(score=0.2, variance=0.1)}
        refused: list[tuple[dict[str, MetricValue], str]] = [
            ({"auroc": SCORES["auroc"]}, "needed exactly: auroc, brier"),
            ({**SCORES, "smuggled": MetricValue(score=0.5)}, "needed exactly: auroc, brier"),
            (too_high, "brier is out of the contract's range"),
            (unheard_of, "found a variance of brier, needed none"),
        ]

        for metrics, said in refused:
            with pytest.raises(InvalidInput, match=said):
                world.person("owner").submit(replace(scores, metrics=metrics), fencing_token=token)
        with pytest.raises(InvalidInput, match="found scores on no case"):
            world.person("owner").submit(replace(scores, n_cases=0), fencing_token=token)

        assert world.person("owner").results() == []

    def test_is_of_the_approved_bytes(self, world: World) -> None:
        """Other values under an approved sha256 are refused (A37)."""
        token, scores = world.granted()
        better = {**SCORES, "auroc": MetricValue(score=0.99, variance=0.01)}

        with pytest.raises(IntegrityError, match="do not have the sha256"):
            world.person("owner").submit(replace(scores, metrics=better), fencing_token=token)

    def test_of_a_revoked_dataset_is_refused(self, world: World) -> None:
        """Work that was outstanding when an association was revoked stops (A17)."""
        token, scores = world.granted()
        committee = world.person("committee")
        committee.revoke_association(committee.associations()[0].id, "moved away")

        with pytest.raises(Conflict, match="has no approved association"):
            world.person("owner").submit(scores, fencing_token=token)
