"""Values that tests start from: each builder gives a good one, and takes what a test wants otherwise."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import JsonValue

from rounds.artifacts import ReleaseDraft
from rounds.egress import draft_results
from rounds.records.approvals import Approval, ApprovalKind, ApprovalStatus, Item
from rounds.records.benchmarks import (
    Benchmark,
    BenchmarkStatus,
    MetricContract,
    MetricSpec,
    StatisticSpec,
)
from rounds.records.cubes import State
from rounds.records.datasets import Dataset
from rounds.records.executions import MetricValue
from rounds.records.releases import items_digest
from rounds.workspace import Workspace
from site_profiles.models import (
    ReleasePolicy,
)

NOW = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
SHA = "5" * 64
KEY = b"the site's own key"

METRICS = {"auroc": MetricValue(score=0.91, variance=0.001), "brier": MetricValue(score=0.12)}


def make_contract(**changes: object) -> MetricContract:
    """A contract of an AUROC with its variance and a Brier score, and one statistic."""
    fields: dict[str, object] = {
        "metrics": (
            MetricSpec(name="auroc", path="auc.value", variance_path="auc.variance", primary=True),
            MetricSpec(name="brier", path="brier", decimals=2),
        ),
        "n_cases_path": "n_cases",
        "statistics": (StatisticSpec(name="mean_age", path="age.mean", decimals=1),),
    }
    return MetricContract.model_validate(fields | changes)


def make_document(**changes: JsonValue) -> dict[str, JsonValue]:
    """What a metrics cube writes that keeps `make_contract()`."""
    document: dict[str, JsonValue] = {
        "auc": {"value": 0.91234567, "variance": 0.00012345678},
        "brier": 0.1278,
        "n_cases": 25,
    }
    return document | changes


def make_benchmark(**changes: object) -> Benchmark:
    """An approved benchmark with id 3 under `make_contract()`."""
    fields: dict[str, object] = {
        "id": 3,
        "organisation_id": 1,
        "compatible_preparators": (1,),
        "is_valid": True,
        "revision": 1,
        "name": "Lumps",
        "description": "Benign or not.",
        "preparator_id": 1,
        "reference_model_id": 2,
        "metrics_id": 3,
        "contract": make_contract(),
        "demo_dataset_sha256": SHA,
        "compatibility_sha256": SHA,
        "status": BenchmarkStatus.APPROVED,
        "approval_id": 1,
    }
    return Benchmark.model_validate(fields | changes)


def make_dataset(**changes: object) -> Dataset:
    """A dataset in DEVELOPMENT with id 4 of site-a, for benchmark 3."""
    fields: dict[str, object] = {
        "id": 4,
        "organisation_id": 2,
        "name": "Lumps",
        "location": "North",
        "site": "site-a",
        "benchmark_id": 3,
        "preparator_id": 1,
        "raw_digest": SHA,
        "state": State.DEVELOPMENT,
        "is_valid": True,
        "revision": 1,
    }
    return Dataset.model_validate(fields | changes)


def make_policy(*, min_cases: int = 10, benchmarks: tuple[int, ...] = (3,)) -> ReleasePolicy:
    """A policy that lets benchmark 3 have results on at least 10 cases."""
    return ReleasePolicy(min_cases=min_cases, benchmarks=benchmarks)


def make_approval(*items: Item, **changes: object) -> Approval:
    """A granted approval of results with id 9, in time, for these items."""
    fields: dict[str, object] = {
        "id": 9,
        "kind": ApprovalKind.RESULTS,
        "subject_id": 4,
        "benchmark_id": None,
        "dataset_id": 4,
        "model_id": None,
        "site": "site-a",
        "shown_sha256": items_digest(items),
        "items": items,
        "held_back": (),
        "used": (),
        "status": ApprovalStatus.GRANTED,
        "role": "data owner",
        "organisation_id": 1,
        "needed": 1,
        "votes": (),
        "requested_by": 5,
        "decided_by": 6,
        "rule": None,
        "reason": "",
        "deadline": NOW + timedelta(days=1),
        "suspended": False,
        "is_valid": True,
        "revision": 1,
    }
    return Approval.model_validate(fields | changes)


def write_tree(root: Path, tree: dict[str, bytes]) -> Path:
    """The folder `root` with one file for each name."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def make_draft(
    workspace: Workspace, *, execution_id: int = 4, n_cases: int = 25, key: bytes = KEY
) -> ReleaseDraft:
    """The draft of an execution's two scores under a policy that has them leave."""
    return draft_results(
        execution_id,
        benchmark_id=3,
        metrics=METRICS,
        n_cases=n_cases,
        key=key,
        policy=make_policy(),
        workspace=workspace,
    )


def make_item(draft: ReleaseDraft) -> Item:
    """What an approval says that covers a draft."""
    return Item(subject_id=draft.subject_id, sha256=draft.sha256)
