"""One more benchmark in a played story, for a preparator of the test's own."""

from pathlib import Path

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from rounds.cubes import Cube, to_record
from rounds.digests import sha256_json
from rounds.enrolment import enrol_dataset
from rounds.records.benchmarks import BenchmarkIn, BenchmarkStatus, MetricContract
from rounds.records.cubes import State
from rounds.records.datasets import Dataset
from rounds.sites import Site, open_site, read_profile
from site_profiles.models import Engine
from tests.outlines import write_scans


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


def enrol_scans(
    story: Cast, site: Site, benchmark_id: int, root: Path, cases: dict[str, bool]
) -> Dataset:
    """A dataset of scans at a hospital, registered by its owner; what is True needs a person."""
    data, labels = write_scans(root, cases)
    return enrol_dataset(
        site,
        story.people[site.profile.name].client,
        name=f"Scans of {site.profile.name}",
        location="A hospital",
        benchmark_id=benchmark_id,
        data_path=data,
        labels_path=labels,
    )


def take_part(story: Cast, name: str, *benchmarks: int, engine: Engine) -> Site:
    """A hospital that may release to these benchmarks beside the story's own, with this engine from here on."""
    profile = story.place.write_site_profile(
        name,
        engine=engine,
        registry_url=story.stack.registry_url,
        benchmarks=(story.benchmark_id, *benchmarks),
    )
    return open_site(read_profile(profile))
