"""The gate: the only place where something of a site becomes something that may leave.

1. A draft is the exact bytes that would leave, kept under their sha256 and shown to a person.
2. Policy is read when the draft is made, so that nobody is asked about what may not leave anyway.
3. Release recomputes the sha256 of the bytes, asks policy again, and reads the approval: granted, in
   time, for this site's subject, for these bytes, not held back. Then, and only then, a `Released*` is made.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from rounds.artifacts import (
    ReleasedMetrics,
    ReleasedProgress,
    ReleaseDraft,
    ReleasedStatistics,
)
from rounds.digests import canonical_json, keyed
from rounds.errors import EgressDenied
from rounds.records.approvals import Approval, ApprovalKind, ApprovalStatus, Item
from rounds.records.datasets import Dataset, PreparationStatus
from rounds.records.executions import MetricValue
from rounds.records.releases import results_document, statistics_document
from rounds.workspace import Workspace
from site_profiles.models import ReleasePolicy


def check_policy(policy: ReleasePolicy, *, benchmark_id: int, n_cases: int) -> None:
    """Pass if the site's policy lets something on `n_cases` cases leave for the benchmark.

    Raises:
        EgressDenied: It does not.
    """
    if benchmark_id not in policy.benchmarks:
        message = (
            f"benchmark {benchmark_id} is not on the site's release policy, needed it listed there"
        )
        raise EgressDenied(message)
    if n_cases < policy.min_cases:
        message = f"fewer cases than the policy's minimum of {policy.min_cases}"
        raise EgressDenied(message, detail=f"{n_cases} cases")


def draft_results(
    execution_id: int,
    *,
    benchmark_id: int,
    metrics: Mapping[str, MetricValue],
    n_cases: int,
    key: bytes,
    policy: ReleasePolicy,
    workspace: Workspace,
    partial: bool = False,
) -> ReleaseDraft:
    """The draft of one execution's scores, its bytes kept in the workspace.

    Args:
        execution_id: What the scores are of.
        benchmark_id: The benchmark they would be released to.
        metrics: The contract's metrics, already rounded.
        n_cases: How many cases they rest on.
        key: The site's; it makes the salt that keeps the draft's sha256 from being guessed at.
        policy: The site's.
        workspace: Where the bytes are kept.
        partial: Whether the model failed before it had said all; the bytes then say so.

    Raises:
        EgressDenied: The policy does not list the benchmark, or asks for more cases.
    """
    check_policy(policy, benchmark_id=benchmark_id, n_cases=n_cases)
    salt = _salt(f"results {execution_id}", key)
    document = results_document(execution_id, metrics, n_cases, salt=salt, partial=partial)
    return ReleaseDraft(subject_id=execution_id, sha256=workspace.keep(canonical_json(document)))


def draft_statistics(
    dataset_id: int,
    *,
    benchmark_id: int,
    prepared_digest: str,
    statistics: Mapping[str, float],
    n_cases: int,
    key: bytes,
    policy: ReleasePolicy,
    workspace: Workspace,
) -> ReleaseDraft:
    """The draft of a dataset's statistics on `n_cases`; `prepared_digest` is the keyed one.

    Raises:
        EgressDenied: The policy does not list the benchmark, or asks for more cases.
    """
    check_policy(policy, benchmark_id=benchmark_id, n_cases=n_cases)
    salt = _salt(f"statistics {dataset_id}", key)
    document = statistics_document(dataset_id, prepared_digest, statistics, n_cases, salt=salt)
    return ReleaseDraft(subject_id=dataset_id, sha256=workspace.keep(canonical_json(document)))


def release(
    draft: ReleaseDraft,
    approval: Approval,
    *,
    benchmark_id: int,
    policy: ReleasePolicy,
    workspace: Workspace,
    now: datetime,
) -> ReleasedMetrics:
    """The scores of `draft`, cleared to leave under `approval`. Twice gives the same.

    Raises:
        IntegrityError: The draft's bytes are gone or changed.
        EgressDenied: Policy or approval keep them home.
    """
    document = json.loads(workspace.kept(draft.sha256))
    check_policy(policy, benchmark_id=benchmark_id, n_cases=document["n_cases"])
    _check_approval(approval, draft, kind=ApprovalKind.RESULTS, now=now)
    if document["execution_id"] != draft.subject_id:
        raise EgressDenied("the draft is of another execution, needed the one it is released for")
    return ReleasedMetrics(
        execution_id=draft.subject_id,
        sha256=draft.sha256,
        approval_id=approval.id,
        metrics={name: MetricValue(**value) for name, value in document["metrics"].items()},
        n_cases=document["n_cases"],
        salt=document["salt"],
        partial=document.get("partial", False),
    )


def release_statistics(
    draft: ReleaseDraft,
    approval: Approval,
    *,
    benchmark_id: int,
    policy: ReleasePolicy,
    workspace: Workspace,
    now: datetime,
) -> ReleasedStatistics:
    """The statistics of `draft`, cleared to leave under `approval`. Twice gives the same.

    Raises:
        IntegrityError: The draft's bytes are gone or changed.
        EgressDenied: Policy or approval keep them home.
    """
    document = json.loads(workspace.kept(draft.sha256))
    check_policy(policy, benchmark_id=benchmark_id, n_cases=document["n_cases"])
    _check_approval(approval, draft, kind=ApprovalKind.STATISTICS, now=now)
    if document["dataset_id"] != draft.subject_id:
        raise EgressDenied("the draft is of another dataset, needed the one it is released for")
    return ReleasedStatistics(
        dataset_id=draft.subject_id,
        sha256=draft.sha256,
        approval_id=approval.id,
        prepared_digest=document["prepared_digest"],
        statistics=document["statistics"],
        n_cases=document["n_cases"],
        salt=document["salt"],
    )


def release_progress(
    dataset: Dataset, status: PreparationStatus, percentages: Mapping[str, int] | None = None
) -> ReleasedProgress:
    """How far a dataset's preparation has come, cleared to leave.

    The status is a code and always leaves; percentages stay home unless the owner consented.

    Args:
        dataset: As it is registered, with its owner's consent or without.
        status: Where the preparation stands.
        percentages: Of its cases, how many are through each stage, 0 to 100.
    """
    return ReleasedProgress(
        dataset_id=dataset.id,
        status=status,
        percentages=percentages if dataset.progress_consent else None,
    )


def _salt(subject: str, key: bytes) -> str:
    return keyed(f"salt of {subject}", key)


def _check_approval(
    approval: Approval, draft: ReleaseDraft, *, kind: ApprovalKind, now: datetime
) -> None:
    if approval.kind is not kind or approval.status is not ApprovalStatus.GRANTED:
        message = f"approval {approval.id} is {approval.status} for {approval.kind}, needed GRANTED for {kind}"
        raise EgressDenied(message)
    if now >= approval.deadline:
        raise EgressDenied(f"approval {approval.id} has expired, needed one in time; ask again")
    if Item(subject_id=draft.subject_id, sha256=draft.sha256) not in approval.items:
        raise EgressDenied(f"approval {approval.id} is for other bytes, needed one for this draft")
    if draft.subject_id in approval.held_back:
        raise EgressDenied(f"approval {approval.id} keeps this one home")
