"""One more benchmark in a played story, for a preparator of the test's own."""

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from rounds.cubes import Cube, to_record
from rounds.digests import sha256_json
from rounds.records.benchmarks import BenchmarkIn, BenchmarkStatus, MetricContract
from rounds.records.cubes import State
from rounds.sites import Site, open_site, read_profile
from site_profiles.models import Engine


def found_another(
    story: Cast, preparator: Cube, *, name: str, contract: MetricContract = plan.CONTRACT
) -> int:
    """The id of a benchmark with this preparator and the story's other cubes, approved."""
    committee = story.people["committee"]
    committee.sign_in_again()
    wanted = BenchmarkIn(
        name=name,
        preparator_id=committee.client.register_cube(
            to_record(preparator, state=State.OPERATION)
        ).id,
        reference_model_id=story.cubes[plan.REFERENCE],
        metrics_id=story.cubes[plan.METRICS],
        contract=contract,
        demo_dataset_sha256=sha256_json("demo"),
        compatibility_sha256=sha256_json({}),
        state=State.OPERATION,
    )
    benchmark = committee.client.propose_benchmark(wanted)
    story.wait(
        f"the approval of {name}",
        lambda: story.committee.benchmark(benchmark.id).status is BenchmarkStatus.APPROVED,
    )
    return benchmark.id


def take_part(story: Cast, name: str, *benchmarks: int, engine: Engine) -> Site:
    """A hospital that may release to these benchmarks beside the story's own, with this engine from here on."""
    profile = story.place.write_site_profile(
        name,
        engine=engine,
        registry_url=story.stack.registry_url,
        benchmarks=(story.benchmark_id, *benchmarks),
    )
    return open_site(read_profile(profile))
