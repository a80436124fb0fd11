"""Score every model that a dataset still lacks, and ask once for the release of all of them."""

from functools import partial

from prefect.artifacts import create_table_artifact
from prefect.runtime import flow_run

from flows.guarded import site_flow
from flows.handing_on import hand_on
from flows.places import this_site
from flows.side_by_side import side_by_side
from rounds import catalogue, cubes
from rounds.artifacts import PreparedDataset, ReleaseDraft
from rounds.cancelling import cancel
from rounds.departure import made_from, request_release
from rounds.errors import Code, Conflict, RunnerError
from rounds.leases import hold
from rounds.records.approvals import ApprovalKind
from rounds.records.benchmarks import Benchmark
from rounds.records.executions import Cell, Claim, ClaimIn
from rounds.runners.base import EXECUTION_LABEL
from rounds.sites import Site
from tasks import evaluation
from tasks.departure import draft
from tasks.guard import StageFailed
from tasks.preparation import prepare


@site_flow
def evaluate(benchmark_id: int, dataset_id: int) -> None:
    """Run the models in order of priority, as many at once as the site allows; never wait for a person.

    Fails, after all cells have been tried, if one of them has no score: "3 of 4 scored". Run again, it
    does only what is missing.
    """
    with this_site() as site:
        benchmark = site.registry.benchmark(benchmark_id)
        wanted = [cell for cell in _cells(site, benchmark_id, dataset_id) if cell.runnable]
        if not wanted:
            return
        preparator = cubes.from_record(site.registry.cube(benchmark.preparator_id))
        prepared = prepare(catalogue.find_raw(site.workspace, dataset_id), preparator, site.context)
        drafts = side_by_side(
            [partial(_score, cell, prepared, benchmark, site) for cell in wanted],
            at_once=site.profile.parallel,
            abandon=partial(cancel, site.workspace, str(flow_run.id)),
        )
        scored = [made for made in drafts if made is not None]
        if scored:
            approval = request_release(ApprovalKind.RESULTS, scored, site, dataset_id=dataset_id)
            hand_on(approval, site)
        _show(site, benchmark_id, dataset_id)
        if len(scored) < len(wanted):
            raise RunnerError(f"{len(scored)} of {len(wanted)} scored; the cells say why")


def _score(
    cell: Cell, prepared: PreparedDataset, benchmark: Benchmark, site: Site
) -> ReleaseDraft | None:
    wanted = ClaimIn(
        benchmark_id=cell.benchmark_id,
        dataset_id=cell.dataset_id,
        model_id=cell.model_id,
        key=f"{flow_run.id}-{cell.model_id}",
    )
    try:
        with hold(site.registry, wanted) as claim:
            return _score_claimed(cell, prepared, benchmark, site, claim)
    except Conflict:
        return None


def _score_claimed(
    cell: Cell, prepared: PreparedDataset, benchmark: Benchmark, site: Site, claim: Claim
) -> ReleaseDraft | None:
    try:
        model = cubes.from_record(site.registry.cube(cell.model_id))
        judge = cubes.from_record(site.registry.cube(benchmark.metrics_id))
        context = site.context.labelled(EXECUTION_LABEL, str(claim.execution_id))
        predictions = evaluation.infer(
            prepared,
            model,
            context,
            model_id=cell.model_id,
            partial_for=claim.execution_id if benchmark.partial_predictions else None,
        )
        metrics = evaluation.evaluate(
            predictions, prepared, judge, context, contract=benchmark.contract
        )
        made = draft(metrics, claim, benchmark, site)
    except StageFailed as failed:
        # The lease of a cancelled one runs out, and another run may have it.
        if failed.code is not Code.CANCELLED:
            site.registry.fail(
                claim.execution_id,
                fencing_token=claim.fencing_token,
                code=failed.code,
                crash=failed.crash,
            )
        return None
    site.registry.scored(
        claim.execution_id,
        fencing_token=claim.fencing_token,
        sha256=made.sha256,
        inputs=made_from(prepared, predictions, cubes=(model, judge), site=site),
    )
    return made


def _cells(site: Site, benchmark_id: int, dataset_id: int) -> list[Cell]:
    return site.registry.cells(benchmark_id=benchmark_id, dataset_id=dataset_id)


def _show(site: Site, benchmark_id: int, dataset_id: int) -> None:
    cells = _cells(site, benchmark_id, dataset_id)
    create_table_artifact(
        key=f"cells-{benchmark_id}-{dataset_id}",
        table=[
            {"model": cell.model, "status": cell.status or "", "reason": cell.reason}
            for cell in cells
        ],
        description="Where each model stands on this dataset. Scores are not shown here.",
    )
