"""Single rows of a full registry, such as the registry itself writes."""

from datetime import UTC, datetime, timedelta

from cube_specs.models import CubeKind
from registry_api.services.benchmarks import body_of
from rounds.digests import sha256_json
from rounds.records.approvals import ApprovalKind, ApprovalStatus
from rounds.records.benchmarks import (
    AssociationStatus,
    BenchmarkIn,
    BenchmarkStatus,
    MetricContract,
    MetricSpec,
)
from rounds.records.cubes import State
from rounds.records.executions import ExecutionStatus, MetricValue, Submission

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=30)
DIGEST = "ab" * 32
OWNER_ID = 1
CONTRACT = MetricContract(metrics=(MetricSpec(name="auroc", path="auroc", primary=True),))
SCORES = {"auroc": MetricValue(score=0.9)}
Values = dict[str, object]


def make_cube(number: int, kind: CubeKind) -> Values:
    """A cube in OPERATION."""
    name, digest = f"{kind} {number}", sha256_json(number)
    body = {"name": name, "kind": kind, "config": {}, "artifacts": {"source": digest}}
    own = {"id": number, "organisation_id": 1, "name": name, "name_key": name, "kind": kind}
    return {**own, "state": State.OPERATION, "digest": digest, "body": {**body, "digest": digest}}


def make_benchmark(number: int) -> Values:
    """An approved benchmark in OPERATION."""
    proposal = BenchmarkIn(
        name=f"benchmark {number}",
        preparator_id=1,
        reference_model_id=3,
        metrics_id=2,
        contract=CONTRACT,
        demo_dataset_sha256=DIGEST,
        compatibility_sha256=DIGEST,
    )
    own = {"id": number, "organisation_id": 1, "name": proposal.name, "name_key": proposal.name}
    parts = {"preparator_id": 1, "reference_model_id": 3, "metrics_id": 2, "approval_id": 0}
    state = {"status": BenchmarkStatus.APPROVED, "state": State.OPERATION}
    return {**own, **parts, **state, "compatible_preparators": [1], "body": body_of(proposal)}


def make_dataset(number: int, benchmarks: int) -> Values:
    """A dataset in OPERATION."""
    benchmark_id, site = number % benchmarks + 1, f"site-{number}"
    digest = sha256_json(number)
    body = {"name": f"ward {number}", "location": "Utrecht", "site": site, "raw_digest": digest}
    rules = {"statistics_release": "person", "results_release": "person", "progress_consent": False}
    own = {"id": number, "organisation_id": 1, "benchmark_id": benchmark_id, "site": site}
    done = {"state": State.OPERATION, "preparator_id": 1, "raw_digest": digest}
    return {**own, **done, "body": {**body, **rules, "benchmark_id": benchmark_id}}


def make_joined(benchmark_id: int, **side: int) -> Values:
    """An approved association."""
    return {
        "benchmark_id": benchmark_id,
        "dataset_id": None,
        "model_id": None,
        **side,
        "test_sha256": DIGEST,
        "status": AssociationStatus.APPROVED,
        "requested_by": OWNER_ID,
        "approval_id": 0,
    }


def make_execution(number: int, key: tuple[int, int, int], status: ExecutionStatus) -> Values:
    """A first attempt."""
    attempt = {"claim_key": f"run-{number}", "attempt": 1, "fencing_token": 1, "metrics_id": 2}
    times = {"lease_until": LATER, "deadline": LATER}
    stands = {"status": status, "is_claimed": status is ExecutionStatus.CLAIMED}
    return {**_named(key), **attempt, **times, **stands, "id": number}


def make_result(number: int, key: tuple[int, int, int]) -> Values:
    """A result in force."""
    scores = {name: value.model_dump() for name, value in SCORES.items()}
    own = {"id": number, "execution_id": number, "approval_id": number, "sha256": DIGEST}
    return {**_named(key), **own, "metrics": scores, "n_cases": 25, "received_at": NOW}


def make_approval(number: int, key: tuple[int, int, int], **fields: object) -> Values:
    """A granted release."""
    dataset_id = key[1]
    asked = {"subject_id": dataset_id, "dataset_id": dataset_id, "site": f"site-{dataset_id}"}
    granted = {"kind": ApprovalKind.RESULTS, "status": ApprovalStatus.GRANTED, "decided_by": 1}
    people = {"role": "data owner", "organisation_id": 1, "requested_by": OWNER_ID}
    shown = {"shown_sha256": DIGEST, "deadline": LATER, "benchmark_id": None}
    return {"id": number, **asked, **granted, **people, **shown, **fields}


def _named(key: tuple[int, int, int]) -> Values:
    return dict(zip(("benchmark_id", "dataset_id", "model_id"), key, strict=True))


def make_cell(number: int, key: tuple[int, int, int]) -> Values:
    """A cell and its latest attempt."""
    return {**_named(key), "id": number, "execution_id": number}


def make_submission(sha256: str, approval_id: int) -> Submission:
    """The submission of `SCORES`."""
    return Submission(
        fencing_token=1,
        sha256=sha256,
        approval_id=approval_id,
        metrics=SCORES,
        n_cases=25,
        salt=DIGEST,
    )
