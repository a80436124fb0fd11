"""Readiness: what joins a benchmark, and the benchmark itself, must be there and finished (A18)."""

import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict, Forbidden, InvalidInput
from rounds.records.benchmarks import AssociationIn, Benchmark, BenchmarkChange
from rounds.records.cubes import Cube, CubeChange, State
from rounds.records.datasets import DatasetChange
from tests.contract.registry.builders import make_cube, make_dataset, sha
from tests.contract.registry.scenes import OPEN_DOORS, another_benchmark, prepared
from tests.contract.registry.world import World


class TestReadiness:
    def test_of_both_sides_is_needed(self, world: World) -> None:
        """Another preparator's data, data in DEVELOPMENT and what is withdrawn cannot join (A18)."""
        benchmark, owner = world.approved_benchmark(**OPEN_DOORS), world.person("owner")
        raw = owner.register_dataset(make_dataset(benchmark.id))
        early = make_cube("tree").model_copy(update={"state": State.DEVELOPMENT})
        model, gone = owner.register_cube(early), owner.register_cube(make_cube("gone"))
        owner.change_cube(gone.id, CubeChange(is_valid=False), revision=gone.revision)
        done = prepared(world, benchmark, site="site-b")
        other = another_benchmark(world, with_preparator(world, benchmark), "other")

        refused = [
            ({"dataset_id": raw.id}, "is in DEVELOPMENT, needed OPERATION"),
            ({"model_id": model.id}, "is in DEVELOPMENT, needed OPERATION"),
            ({"model_id": gone.id}, "is withdrawn"),
            ({"dataset_id": done.id}, "is withdrawn"),
        ]

        with pytest.raises(Conflict, match=f"was prepared by cube {done.preparator_id}"):
            owner.associate(world.wish(other, dataset_id=done.id))
        owner.change_dataset(done.id, DatasetChange(is_valid=False), revision=done.revision)
        for side, said in refused:
            with pytest.raises(Conflict, match=said):
                owner.associate(world.wish(benchmark, **side))
        assert owner.associations() == []

    def test_of_the_benchmark_is_needed(self, world: World) -> None:
        """Nothing joins a benchmark that is not approved, that rests, or that was withdrawn (A18)."""
        benchmark, committee = world.propose(), world.person("committee")
        own = committee.register_cube(make_cube("tree"))
        wish = world.wish(benchmark, model_id=own.id)
        with pytest.raises(Conflict, match="is PENDING, needed APPROVED"):
            committee.associate(wish)
        world.grant(world.admin, benchmark.approval_id)

        for change, said in (
            (BenchmarkChange(is_active=False), "is inactive"),
            (BenchmarkChange(is_active=True, is_valid=False), "is withdrawn"),
        ):
            revision = committee.benchmark(benchmark.id).revision
            committee.change_benchmark(benchmark.id, change, revision=revision)
            with pytest.raises(Conflict, match=said):
                committee.associate(wish)

        assert committee.associations() == []

    def test_names_one_side_that_is_ones_own(self, world: World) -> None:
        """A dataset or a model joins, never both, and only by its owner or the committee."""
        benchmark, tree = (
            world.approved_benchmark(),
            world.person("maker").register_cube(make_cube("t")),
        )
        wanted = AssociationIn(benchmark_id=benchmark.id, test_sha256=sha("test"))

        with pytest.raises(InvalidInput, match="exactly one"):
            world.person("owner").associate(wanted)
        with pytest.raises(Forbidden, match="somebody else's"):
            world.person("owner").associate(world.wish(benchmark, model_id=tree.id))


def with_preparator(world: World, benchmark: Benchmark) -> Benchmark:
    """The benchmark as it would be with another preparator."""
    cube: Cube = world.person("committee").register_cube(make_cube("prep2", CubeKind.PREPARATOR))
    return benchmark.model_copy(update={"preparator_id": cube.id})
