"""A site's own pulse: polls what was decided and what is outstanding, and starts or wakes it."""

from itertools import groupby

from prefect.client.schemas.objects import StateType

from flows.guarded import site_flow
from flows.handing_on import review_key, start_review
from flows.places import this_site
from flows.runs import ensure_run, find_run, wake
from rounds import catalogue
from rounds.digests import sha256_json
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.records.executions import Cell
from rounds.sites import Site


@site_flow
def sync() -> None:
    """Restart what died, start what is outstanding, wake what was decided. Run twice, it does it once."""
    site = this_site()
    _restart_preparations(site)
    for approval in site.registry.approvals(site=site.profile.name, open=True):
        _follow(approval, site)
    _start_evaluations(site)


def _restart_preparations(site: Site) -> None:
    for entry in catalogue.entries(site.workspace):
        for flow in ("prepare_dataset", "associate"):
            key = f"{flow}-{entry.dataset_id}"
            run = find_run(key)
            if run is not None and run.state is not None and run.state.type is StateType.CRASHED:
                deployment = f"{flow}/{site.profile.name}"
                ensure_run(deployment, dict(run.parameters), key=key)


def _follow(approval: Approval, site: Site) -> None:
    run = find_run(review_key(approval))
    suspended = run is not None and run.state is not None and run.state.is_paused()
    if run is not None and suspended and approval.status is not ApprovalStatus.PENDING:
        if wake(run.id):
            site.registry.end_suspension(approval.id)
    elif not suspended:
        start_review(approval, site)


def _start_evaluations(site: Site) -> None:
    wanted = [cell for cell in site.registry.cells(site=site.profile.name) if cell.outstanding]
    for (benchmark_id, dataset_id), cells in groupby(sorted(wanted, key=_dataset), key=_dataset):
        parameters = {"benchmark_id": benchmark_id, "dataset_id": dataset_id}
        key = f"evaluate-{benchmark_id}-{dataset_id}-{_fingerprint(list(cells))}"
        ensure_run(f"evaluate/{site.profile.name}", parameters, key=key)


def _dataset(cell: Cell) -> tuple[int, int]:
    return cell.benchmark_id, cell.dataset_id


def _fingerprint(cells: list[Cell]) -> str:
    return sha256_json([[cell.model_id, cell.attempt] for cell in cells])[:16]
