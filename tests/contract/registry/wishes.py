"""What people of the tests' consortium ask for: decisions, claims, scores."""

from rounds.artifacts import ReleasedMetrics
from rounds.digests import sha256_json
from rounds.records.approvals import (
    Approval,
    Decision,
    DecisionIn,
)
from rounds.records.benchmarks import Benchmark
from rounds.records.datasets import Dataset
from rounds.records.executions import ClaimIn
from rounds.records.releases import results_document
from tests.contract.registry.builders import (
    SCORES,
    sha,
)

SALT = sha("salt")
N_CASES = 25


def decision_on(
    approval: Approval, decision: Decision = Decision.GRANT, *held_back: int
) -> DecisionIn:
    """A decision by somebody who was shown the right bytes."""
    return DecisionIn(decision=decision, shown_sha256=approval.shown_sha256, held_back=held_back)


def claim_of(dataset: Dataset, benchmark: Benchmark, *, key: str = "run-1-cell") -> ClaimIn:
    """A claim on the reference model's cell."""
    return ClaimIn(
        benchmark_id=benchmark.id,
        dataset_id=dataset.id,
        model_id=benchmark.reference_model_id,
        key=key,
    )


def scores_sha256(execution_id: int, *, partial: bool = False) -> str:
    """The sha256 of `SCORES` as they would leave."""
    document = results_document(execution_id, SCORES, N_CASES, salt=SALT, partial=partial)
    return sha256_json(document)


def released(execution_id: int, approval_id: int, *, partial: bool = False) -> ReleasedMetrics:
    """`SCORES` as the gate hands them out."""
    return ReleasedMetrics(
        execution_id=execution_id,
        sha256=scores_sha256(execution_id, partial=partial),
        approval_id=approval_id,
        metrics=SCORES,
        n_cases=N_CASES,
        salt=SALT,
        partial=partial,
    )
