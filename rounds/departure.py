"""A site's last three steps, through the gate: draft what would leave, release it, submit it."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from rounds import catalogue, egress, pending
from rounds.artifacts import (
    Metrics,
    Predictions,
    PreparedDataset,
    Progress,
    ReleasedMetrics,
    ReleaseDraft,
    ReleasedStatistics,
    Statistics,
)
from rounds.cubes import Cube
from rounds.digests import keyed
from rounds.documents import read_output
from rounds.errors import NotFound, RegistryError
from rounds.metrics import read_n_cases, read_statistics, round_metrics
from rounds.preparation.following import read_snapshot
from rounds.records.approvals import Approval, ApprovalKind, Item, ReleaseRequest
from rounds.records.benchmarks import Benchmark
from rounds.records.datasets import Dataset, PreparationStatus
from rounds.records.executions import Claim, Receipt
from rounds.records.releases import items_digest
from rounds.sites import Site
from rounds.stages import read_scores
from site_profiles.models import ReleasePolicy

Cleared = ReleasedMetrics | ReleasedStatistics
_TELL_S = 10


def draft(metrics: Metrics, claim: Claim, benchmark: Benchmark, site: Site) -> ReleaseDraft:
    """The bytes of one execution that would leave, rounded by the contract, remembered with its token.

    Raises:
        EgressDenied: The site's policy keeps them home, so nobody is asked.
    """
    scores, n_cases = read_scores(metrics, benchmark.contract, site.context)
    made = egress.draft_results(
        claim.execution_id,
        benchmark_id=benchmark.id,
        metrics=round_metrics(scores, benchmark.contract),
        n_cases=n_cases,
        key=site.key,
        policy=site.profile.release,
        workspace=site.workspace,
        partial=metrics.partial,
    )
    waiting = pending.Pending(
        execution_id=claim.execution_id,
        benchmark_id=benchmark.id,
        fencing_token=claim.fencing_token,
        sha256=made.sha256,
        metrics_key=metrics.key,
    )
    pending.remember(site.workspace, waiting)
    return made


def draft_statistics(
    statistics: Statistics, prepared_output: str, benchmark: Benchmark, site: Site
) -> ReleaseDraft:
    """The bytes of a dataset's statistics that would leave, with the keyed digest of the prepared data.

    Raises:
        EgressDenied: The site's policy keeps them home.
    """
    files = site.workspace.files("statistics", statistics)
    document = read_output(files / "statistics.yaml")
    return egress.draft_statistics(
        statistics.dataset_id,
        benchmark_id=benchmark.id,
        prepared_digest=keyed(prepared_output, site.key),
        statistics=read_statistics(document, benchmark.contract),
        n_cases=read_n_cases(document, benchmark.contract),
        key=site.key,
        policy=site.profile.release,
        workspace=site.workspace,
    )


def made_from(
    prepared: PreparedDataset, predictions: Predictions, *, cubes: tuple[Cube, Cube], site: Site
) -> dict[str, str]:
    """Digests of all that a score rests on: cubes as they are, what is patients' under the site's key."""
    model, judge = cubes
    return {
        "model": model.digest,
        "metrics": judge.digest,
        "prepared": keyed(prepared.output, site.key),
        "predictions": keyed(predictions.output, site.key),
    }


def request_release(
    kind: ApprovalKind, drafts: list[ReleaseDraft], site: Site, *, dataset_id: int
) -> Approval:
    """Ask the data owner for all drafts at once; asked again, the same request comes back."""
    items = tuple(Item(subject_id=made.subject_id, sha256=made.sha256) for made in drafts)
    return site.registry.request_release(
        ReleaseRequest(
            kind=kind, dataset_id=dataset_id, items=items, shown_sha256=items_digest(items)
        )
    )


def release(subject_id: int, approval: Approval, site: Site) -> Cleared:
    """One of the approval's subjects, cleared to leave.

    Raises:
        EgressDenied: Policy or approval keep it home.
        IntegrityError: The draft is gone or changed.
    """
    now = datetime.now(UTC)
    if approval.kind is ApprovalKind.STATISTICS:
        made = ReleaseDraft(subject_id=subject_id, sha256=_item(approval, subject_id).sha256)
        return egress.release_statistics(
            made,
            approval,
            benchmark_id=catalogue.find_entry(site.workspace, subject_id).benchmark_id,
            policy=site.profile.release,
            workspace=site.workspace,
            now=now,
        )
    waiting = pending.recall(site.workspace, subject_id)
    return egress.release(
        waiting.draft,
        approval,
        benchmark_id=waiting.benchmark_id,
        policy=site.profile.release,
        workspace=site.workspace,
        now=now,
    )


def submit(cleared: Cleared, site: Site) -> Receipt | Dataset:
    """Hand over what was cleared; handed over twice, it is stored once."""
    if isinstance(cleared, ReleasedStatistics):
        return site.registry.submit_statistics(cleared)
    token = pending.recall(site.workspace, cleared.execution_id).fencing_token
    return site.registry.submit(cleared, fencing_token=token)


@dataclass(slots=True)
class Ending:
    """How a preparation ended that did not fail: `is_manual` while people have work on it."""

    is_manual: bool = False


@contextmanager
def reported(dataset: Dataset, site: Site) -> Iterator[Ending]:
    """Tell the registry that a preparation runs, and how it ended: it waits for people, for its release, or failed.

    The work goes on whether the registry hears it or not.
    """
    _report(dataset, PreparationStatus.RUNNING, site)
    ending, ended = Ending(), PreparationStatus.FAILED
    try:
        yield ending
        ended = PreparationStatus.MANUAL if ending.is_manual else PreparationStatus.WAITING
    finally:
        _report(dataset, ended, site, _percentages(dataset, site))


class ProgressTeller:
    """Tells the registry how far a preparation has come, not more often than every few seconds."""

    def __init__(self, dataset: Dataset, site: Site) -> None:
        """Args: dataset: as registered, with its owner's consent or without; site: this site."""
        self._dataset = dataset
        self._site = site
        self._told_at = -math.inf
        self._told: Mapping[str, int] | None = None

    def tell(self, progress: Progress) -> None:
        """Tell it, unless it was told a moment ago or is home."""
        percentages = progress_out(progress, self._site.profile.release)
        now = time.monotonic()
        if percentages in (None, self._told) or now - self._told_at < _TELL_S:
            return
        self._told_at, self._told = now, percentages
        _report(self._dataset, PreparationStatus.RUNNING, self._site, percentages)


def progress_out(progress: Progress, policy: ReleasePolicy) -> Mapping[str, int] | None:
    """The percentages that may leave; None of fewer cases than the policy's minimum, where one could be counted."""
    enough = progress.n_cases >= policy.min_cases
    return dict(progress.percentages) if enough and progress.percentages else None


def _percentages(dataset: Dataset, site: Site) -> Mapping[str, int] | None:
    found = read_snapshot(site.workspace, dataset.id)
    progress = Progress(n_cases=found.n_cases, percentages=found.through)
    return progress_out(progress, site.profile.release)


def _report(
    dataset: Dataset,
    status: PreparationStatus,
    site: Site,
    percentages: Mapping[str, int] | None = None,
) -> None:
    with suppress(RegistryError):
        site.registry.report_progress(egress.release_progress(dataset, status, percentages))


def _item(approval: Approval, subject_id: int) -> Item:
    for item in approval.items:
        if item.subject_id == subject_id:
            return item
    raise NotFound(f"approval {approval.id} does not cover {subject_id}, needed one that does")
