"""A place's own pulse: ends what is dead, polls what was decided and what is outstanding, and starts it."""

from itertools import groupby

from flows.guarded import site_flow
from flows.handing_on import review_key, start_review
from flows.places import this_place
from flows.reaping import is_alive, reap
from flows.runs import DIED_OR_FAILED, ensure_run, find_run, has_crashed, is_asleep, wake
from rounds import catalogue
from rounds.digests import sha256_json
from rounds.errors import RunnerError
from rounds.preparation.desk import was_said
from rounds.records.approvals import Approval, ApprovalKind, ApprovalStatus
from rounds.records.executions import Cell
from rounds.sites import Hub, Site
from tasks.guard import site_log

HUB_KINDS = (ApprovalKind.BENCHMARK, ApprovalKind.ASSOCIATION, ApprovalKind.PUBLICATION)


@site_flow
def sync() -> None:
    """Restart what died, start what is outstanding, wake what was decided. Run twice, it does it once."""
    with this_place() as place:
        profile = place.profile
        reap(profile.name, place.workspace, silence_s=profile.silence_s)
        if isinstance(place, Hub):
            _restart_reviews(place)
            return
        _sweep(place)
        _restart_preparations(place)
        for approval in place.registry.approvals(site=profile.name, open=True):
            _follow(approval, place)
        _start_evaluations(place)


def _sweep(site: Site) -> None:
    """Remove containers of runs without a process; an engine that is away stops nothing else."""
    try:
        site.context.runner.sweep(site.label, lambda run: is_alive(run, site.workspace))
    except RunnerError as error:
        site_log.warning("[%s] %s %s", error.code, error.summary, error.detail)


def _restart_reviews(hub: Hub) -> None:
    for approval in hub.registry.approvals(status=ApprovalStatus.PENDING):
        if approval.kind in HUB_KINDS:
            start_review(approval, hub.profile.name)


def _restart_preparations(site: Site) -> None:
    for entry in catalogue.entries(site.workspace):
        for flow in ("prepare_dataset", "associate"):
            key = f"{flow}-{entry.dataset_id}"
            run = find_run(key)
            if run is not None and has_crashed(run):
                ensure_run(f"{flow}/{site.profile.name}", dict(run.parameters), key=key)
            elif run is not None and is_asleep(run) and was_said(site.workspace, entry.dataset_id):
                wake(run.id)


def _follow(approval: Approval, site: Site) -> None:
    run = find_run(review_key(approval))
    if run is None or not is_asleep(run):
        start_review(approval, site.profile.name)
    elif approval.status is not ApprovalStatus.PENDING and wake(run.id):
        site.registry.end_suspension(approval.id)


def _start_evaluations(site: Site) -> None:
    wanted = [cell for cell in site.registry.cells(site=site.profile.name) if cell.outstanding]
    for (benchmark_id, dataset_id), cells in groupby(sorted(wanted, key=_dataset), key=_dataset):
        parameters = {"benchmark_id": benchmark_id, "dataset_id": dataset_id}
        key = f"evaluate-{benchmark_id}-{dataset_id}-{_fingerprint(list(cells))}"
        deployment = f"evaluate/{site.profile.name}"
        ensure_run(deployment, parameters, key=key, again_after=DIED_OR_FAILED)


def _dataset(cell: Cell) -> tuple[int, int]:
    return cell.benchmark_id, cell.dataset_id


def _fingerprint(cells: list[Cell]) -> str:
    return sha256_json([[cell.model_id, cell.attempt] for cell in cells])[:16]
