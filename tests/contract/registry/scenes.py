"""What several tests bring about beyond what `World` does: open doors, more members, more results."""

from collections.abc import Mapping

from rounds.records.approvals import ApprovalKind, Item
from rounds.records.benchmarks import AutoApproval, AutoApprovalMode, Benchmark
from rounds.records.cubes import Cube
from rounds.records.datasets import Dataset, ReleaseRule
from rounds.records.executions import Claim, ClaimIn, Result
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.wishes import released, scores_sha256
from tests.contract.registry.world import World

ALWAYS = AutoApproval(mode=AutoApprovalMode.ALWAYS)
OPEN_DOORS: Mapping[str, AutoApproval] = {"datasets": ALWAYS, "models": ALWAYS}


def another_benchmark(world: World, like: Benchmark, name: str, **fields: object) -> Benchmark:
    """One more approved benchmark of the committee, with the cubes of the first."""
    committee = world.person("committee")
    wanted = make_benchmark(
        like.preparator_id, like.reference_model_id, like.metrics_id, name=name, **fields
    )
    proposed = committee.propose_benchmark(wanted)
    world.grant(world.admin, proposed.approval_id)
    return committee.benchmark(proposed.id)


def add_model(
    world: World, benchmark: Benchmark, *, maker: str = "maker", name: str = "tree"
) -> Cube:
    """A maker's model, in a benchmark that lets every model in."""
    client = world.person(maker)
    cube = client.register_cube(make_cube(name))
    client.associate(world.wish(benchmark, model_id=cube.id))
    return cube


def prepared(
    world: World, benchmark: Benchmark, *, owner: str = "owner", site: str = "site-a"
) -> Dataset:
    """A dataset in OPERATION, whose owner's rules release whatever there is."""
    client = world.person(owner)
    wanted = make_dataset(
        benchmark.id,
        site,
        raw_digest=sha(f"raw of {owner} at {site}"),
        statistics_release=ReleaseRule.ALWAYS,
        results_release=ReleaseRule.ALWAYS,
    )
    asked = world.ask_statistics(client, client.register_dataset(wanted))
    return client.submit_statistics(asked)


def add_dataset(
    world: World, benchmark: Benchmark, *, owner: str = "owner", site: str = "site-a"
) -> Dataset:
    """Such a dataset, in a benchmark that lets every dataset in."""
    dataset = prepared(world, benchmark, owner=owner, site=site)
    world.person(owner).associate(world.wish(benchmark, dataset_id=dataset.id))
    return dataset


def claim_cell(
    world: World, benchmark: Benchmark, dataset: Dataset, model_id: int, *, owner: str = "owner"
) -> Claim:
    """The data owner's claim on a cell."""
    wanted = ClaimIn(
        benchmark_id=benchmark.id, dataset_id=dataset.id, model_id=model_id, key="run-1-cell"
    )
    return world.person(owner).claim(wanted)


def add_result(
    world: World, benchmark: Benchmark, dataset: Dataset, model_id: int, *, owner: str = "owner"
) -> Result:
    """A result of a cell, which its owner's rule let out."""
    claim = claim_cell(world, benchmark, dataset, model_id, owner=owner)
    return submit_scores(world, dataset, claim, owner=owner)


def submit_scores(
    world: World, dataset: Dataset, claim: Claim, *, owner: str = "owner", partial: bool = False
) -> Result:
    """The result of a claimed cell, which its owner's rule let out."""
    client = world.person(owner)
    token, key = claim.fencing_token, claim.execution_id
    digest = scores_sha256(key, partial=partial)
    client.scored(key, fencing_token=token, sha256=digest, inputs={})
    items = [Item(subject_id=key, sha256=digest)]
    approval = world.ask(client, ApprovalKind.RESULTS, dataset.id, items)
    client.submit(released(key, approval.id, partial=partial), fencing_token=token)
    (result,) = client.results(execution_id=key)
    return result


def joined(world: World, **fields: object) -> tuple[Benchmark, Dataset, Cube]:
    """A benchmark that lets everyone in, with a dataset of `owner` and a model of `maker`."""
    benchmark = world.approved_benchmark(**{**OPEN_DOORS, **fields})
    return benchmark, add_dataset(world, benchmark), add_model(world, benchmark)
