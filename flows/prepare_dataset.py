"""Make a site's raw export a dataset in OPERATION, its statistics released."""

from flows.guarded import site_flow
from flows.handing_on import hand_on
from flows.places import this_site
from rounds import catalogue, cubes
from rounds.adoption import need_registered_form
from rounds.departure import reported, request_release
from rounds.records.approvals import ApprovalKind
from rounds.records.cubes import State
from tasks.departure import draft_statistics
from tasks.preparation import prepare, sanity_check, statistics


@site_flow
def prepare_dataset(dataset_id: int) -> None:
    """Prepare, check and count one dataset of this site, then ask its owner to release the statistics."""
    with this_site() as site:
        dataset = site.registry.dataset(dataset_id)
        if dataset.state is State.OPERATION:
            return
        benchmark = site.registry.benchmark(dataset.benchmark_id)
        cube = cubes.from_record(site.registry.cube(dataset.preparator_id))
        raw = catalogue.find_raw(site.workspace, dataset_id)

        with reported(dataset, site):
            need_registered_form(catalogue.find_entry(site.workspace, dataset_id), dataset)
            prepared = prepare(raw, cube, site.context)
            sanity_check(prepared, cube, site.context)
            counted = statistics(prepared, cube, site.context)
            made = draft_statistics(counted, prepared.output, benchmark, site)

        approval = request_release(ApprovalKind.STATISTICS, [made], site, dataset_id=dataset_id)
        hand_on(approval, site)
