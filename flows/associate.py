"""Show that a dataset works with a benchmark, then ask to join."""

from flows.guarded import site_flow
from flows.places import this_site
from rounds import catalogue, cubes
from rounds.digests import keyed, sha256_json
from rounds.errors import Conflict
from rounds.records.benchmarks import AssociationIn
from rounds.sites import Site
from tasks import evaluation
from tasks.preparation import prepare


@site_flow
def associate(benchmark_id: int, dataset_id: int) -> None:
    """Run the benchmark's reference model on the dataset and request the association.

    What the test computed stays here; the registry is told its keyed digest. Run again, it asks for
    nothing a second time.
    """
    with this_site() as site:
        if _asked(site, benchmark_id, dataset_id):
            return
        benchmark = site.registry.benchmark(benchmark_id)
        preparator, reference, judge = (
            cubes.from_record(site.registry.cube(cube_id))
            for cube_id in (
                benchmark.preparator_id,
                benchmark.reference_model_id,
                benchmark.metrics_id,
            )
        )
        prepared = prepare(catalogue.find_raw(site.workspace, dataset_id), preparator, site.context)
        predictions = evaluation.infer(
            prepared, reference, site.context, model_id=benchmark.reference_model_id
        )
        metrics = evaluation.evaluate(
            predictions, prepared, judge, site.context, contract=benchmark.contract
        )
        report = sha256_json({"key": metrics.key, "output": metrics.output})
        wanted = AssociationIn(
            benchmark_id=benchmark_id, dataset_id=dataset_id, test_sha256=keyed(report, site.key)
        )
        try:
            site.registry.associate(wanted)
        except Conflict:
            if not _asked(site, benchmark_id, dataset_id):
                raise


def _asked(site: Site, benchmark_id: int, dataset_id: int) -> bool:
    found = site.registry.associations(benchmark_id=benchmark_id, dataset_id=dataset_id)
    return any(association.live for association in found)
