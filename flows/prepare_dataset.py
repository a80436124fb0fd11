"""Make a site's raw export a dataset in OPERATION, its statistics released."""

from flows.guarded import site_flow
from flows.handing_on import hand_on
from flows.manual_work import wait_for_people
from flows.places import this_site
from rounds import catalogue, cubes
from rounds.adoption import need_registered_form
from rounds.artifacts import Outstanding
from rounds.cubes import Cube
from rounds.departure import ProgressTeller, reported, request_release
from rounds.records.approvals import Approval, ApprovalKind
from rounds.records.cubes import State
from rounds.records.datasets import Dataset
from rounds.sites import Site
from tasks.departure import draft_statistics
from tasks.preparation import advance, sanity_check, statistics


@site_flow
def prepare_dataset(dataset_id: int) -> None:
    """Prepare, check and count one dataset of this site, then ask its owner to release the statistics.

    While people at the site have work on its cases the run is suspended; each time it wakes it takes up what
    is done.
    """
    with this_site() as site:
        dataset = site.registry.dataset(dataset_id)
        if dataset.state is State.OPERATION:
            return
        cube = cubes.from_record(site.registry.cube(dataset.preparator_id))
        while isinstance(found := _prepare(dataset, cube, site), Outstanding):
            wait_for_people(found, site)
        hand_on(found, site)


def _prepare(dataset: Dataset, cube: Cube, site: Site) -> Approval | Outstanding:
    """Go as far as is possible now: to the request of release, or to what people have to do."""
    benchmark = site.registry.benchmark(dataset.benchmark_id)
    raw = catalogue.find_raw(site.workspace, dataset.id)
    with reported(dataset, site) as ending:
        need_registered_form(catalogue.find_entry(site.workspace, dataset.id), dataset)
        context = site.context.telling(ProgressTeller(dataset, site).tell)
        prepared = advance(raw, cube, context)
        if isinstance(prepared, Outstanding):
            ending.is_manual = True
            return prepared
        sanity_check(prepared, cube, site.context)
        counted = statistics(prepared, cube, site.context)
        made = draft_statistics(counted, prepared.output, benchmark, site)
    return request_release(ApprovalKind.STATISTICS, [made], site, dataset_id=dataset.id)
