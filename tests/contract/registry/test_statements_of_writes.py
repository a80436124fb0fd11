"""How often a write asks its database: so many times, however much it is about (no N+1)."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from rounds.records.approvals import ApprovalKind, Item
from rounds.records.benchmarks import Benchmark
from rounds.records.datasets import Dataset
from tests.contract.registry.builders import make_cube
from tests.contract.registry.counting import counting
from tests.contract.registry.databases import Databases
from tests.contract.registry.scenes import OPEN_DOORS, claim_cell
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.wishes import decision_on, released, scores_sha256
from tests.contract.registry.world import World

FEW, MANY = 2, 9
Steps = dict[str, int]


def opened(world: World, models: int) -> tuple[Benchmark, Dataset, list[int]]:
    """A benchmark with a dataset and so many models, all joined."""
    benchmark = world.approved_benchmark(**OPEN_DOORS)
    dataset = world.operational(benchmark)
    world.person("owner").associate(world.wish(benchmark, dataset_id=dataset.id))
    maker = world.person("maker")
    cubes = [maker.register_cube(make_cube(f"tree {number}")) for number in range(models)]
    for cube in cubes:
        maker.associate(world.wish(benchmark, model_id=cube.id))
    return benchmark, dataset, [cube.id for cube in cubes]


def count_steps(world: World, models: int) -> Steps:
    """The statements of each step from claim to submission, where one approval is about every model."""
    benchmark, dataset, model_ids = opened(world, models)
    owner, found, claims = world.person("owner"), Steps(), []
    for model_id in model_ids:
        with counting() as statements:
            claims.append(claim_cell(world, benchmark, dataset, model_id))
        found["claim"] = statements.total()
        number, token = claims[-1].execution_id, claims[-1].fencing_token
        with counting() as statements:
            owner.scored(number, fencing_token=token, sha256=scores_sha256(number), inputs={})
        found["score"] = statements.total()
    items = [
        Item(subject_id=claim.execution_id, sha256=scores_sha256(claim.execution_id))
        for claim in claims
    ]
    with counting() as statements:
        approval = world.ask(owner, ApprovalKind.RESULTS, dataset.id, items)
    found["ask"] = statements.total()
    decision = decision_on(approval)
    with counting() as statements:
        owner.decide(approval.id, decision)
    found["decide"] = statements.total()
    for claim in claims:
        with counting() as statements:
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )
        found["submit"] = statements.total()
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def counted(
    request: pytest.FixtureRequest, databases: Databases, tmp_path: Path
) -> dict[int, Steps]:
    """The steps of few models and of many."""
    found = {}
    for models in (FEW, MANY):
        with ExitStack() as stack:
            folder = tmp_path / str(models)
            folder.mkdir()
            address = stack.enter_context(databases.lent(request.param, folder))
            served = stack.enter_context(serve_registry(folder, database=address))
            found[models] = count_steps(World(served=served, stack=stack), models)
    return found


def test_do_not_grow_with_what_they_are_about(counted: dict[int, Steps]) -> None:
    """No step asks more often where one approval is about nine scores than where it is about two."""
    assert counted[MANY] == counted[FEW]


def test_of_a_submission_are_few(counted: dict[int, Steps]) -> None:
    """Who asks; what it is about; the result; approval and execution change; the answer; the audit."""
    assert counted[MANY]["submit"] == 7
