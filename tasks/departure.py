"""From metrics that are home to a receipt: draft, release, submit."""

from rounds import departure
from rounds.artifacts import Metrics, ReleaseDraft, Statistics
from rounds.departure import Cleared
from rounds.records.approvals import Approval
from rounds.records.benchmarks import Benchmark
from rounds.records.datasets import Dataset
from rounds.records.executions import Claim, Receipt
from rounds.sites import Site
from tasks.guard import site_task


@site_task
def draft(metrics: Metrics, claim: Claim, benchmark: Benchmark, site: Site) -> ReleaseDraft:
    """Prefect's view of `rounds.departure.draft`."""
    return departure.draft(metrics, claim, benchmark, site)


@site_task
def draft_statistics(
    statistics: Statistics, prepared_output: str, benchmark: Benchmark, site: Site
) -> ReleaseDraft:
    """Prefect's view of `rounds.departure.draft_statistics`."""
    return departure.draft_statistics(statistics, prepared_output, benchmark, site)


@site_task
def release(subject_id: int, approval: Approval, site: Site) -> Cleared:
    """Prefect's view of `rounds.departure.release`."""
    return departure.release(subject_id, approval, site)


@site_task
def submit(cleared: Cleared, site: Site) -> Receipt | Dataset:
    """Prefect's view of `rounds.departure.submit`."""
    return departure.submit(cleared, site)
