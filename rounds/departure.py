"""A site's last three steps, through the gate: draft what would leave, release it, submit it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from rounds import catalogue, egress, pending
from rounds.artifacts import (
    Metrics,
    Predictions,
    PreparedDataset,
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
from rounds.records.approvals import Approval, ApprovalKind, Item, ReleaseRequest
from rounds.records.benchmarks import Benchmark
from rounds.records.datasets import Dataset, PreparationStatus
from rounds.records.executions import Claim, Receipt
from rounds.records.releases import items_digest
from rounds.sites import Site
from rounds.stages import read_scores

Cleared = ReleasedMetrics | ReleasedStatistics


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


@contextmanager
def reported(dataset: Dataset, site: Site) -> Iterator[None]:
    """Tell the registry that a preparation runs, and how it ended: it waits for its release, or failed.

    The work goes on whether the registry hears it or not.
    """
    _report(dataset, PreparationStatus.RUNNING, site)
    ended = PreparationStatus.FAILED
    try:
        yield
        ended = PreparationStatus.WAITING
    finally:
        _report(dataset, ended, site)


def _report(dataset: Dataset, status: PreparationStatus, site: Site) -> None:
    with suppress(RegistryError):
        site.registry.report_progress(egress.release_progress(dataset, status))


def _item(approval: Approval, subject_id: int) -> Item:
    for item in approval.items:
        if item.subject_id == subject_id:
            return item
    raise NotFound(f"approval {approval.id} does not cover {subject_id}, needed one that does")
