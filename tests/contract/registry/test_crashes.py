"""What the registry keeps and shows of a cube that crashed at a site (A49)."""

import pytest

from rounds.errors import Code, NotFound
from rounds.records.benchmarks import Benchmark
from rounds.records.crashes import Crash
from rounds.records.datasets import Dataset
from tests.contract.registry.scenes import claim_cell, joined
from tests.contract.registry.world import World

CRASH = Crash(
    task="infer", exit_code=139, signal="SIGSEGV", peak_memory_mib=812, place="models.net:17"
)


def fail(world: World, benchmark: Benchmark, dataset: Dataset, model_id: int) -> int:
    """The id of an attempt at a cell in which the cube crashed."""
    claim = claim_cell(world, benchmark, dataset, model_id)
    world.person("owner").fail(
        claim.execution_id,
        fencing_token=claim.fencing_token,
        code=Code.CUBE_FAILED,
        crash=CRASH,
    )
    return claim.execution_id


class TestCrash:
    def test_is_told_to_who_sees_the_code(self, world: World) -> None:
        """Data owner, committee and the model's owner see class, signal, memory and place; nobody else does."""
        benchmark, dataset, tree = joined(world)
        execution_id = fail(world, benchmark, dataset, tree.id)

        seen = {
            name: [(cell.reason, cell.crash) for cell in world.person(name).cells(model_id=tree.id)]
            for name in ("owner", "committee", "maker", "stranger")
        }

        told = [("failed: cube_failed", CRASH)]
        assert seen == {"owner": told, "committee": told, "maker": told, "stranger": []}
        assert world.person("owner").execution(execution_id).crash == CRASH
        assert world.person("committee").execution(execution_id).crash == CRASH
        with pytest.raises(NotFound, match="found no execution"):
            world.person("stranger").execution(execution_id)

    def test_is_on_no_leaderboard(self, world: World) -> None:
        """Participants and the public see the code alone."""
        benchmark, dataset, tree = joined(world)
        fail(world, benchmark, dataset, tree.id)

        board = world.person("owner").leaderboard(benchmark.id)

        text = board.model_dump_json()
        assert "failed: cube_failed" in text
        assert "SIGSEGV" not in text
        assert "models.net" not in text

    def test_is_of_one_attempt(self, world: World) -> None:
        """The next attempt has none until it crashes too."""
        benchmark, dataset, tree = joined(world)
        fail(world, benchmark, dataset, tree.id)

        again = claim_cell(world, benchmark, dataset, tree.id)

        cell = world.person("owner").cells(model_id=tree.id)[0]
        assert (cell.execution_id, cell.crash) == (again.execution_id, Crash())
