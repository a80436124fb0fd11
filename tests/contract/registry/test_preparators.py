"""A new revision of a preparator: compatible with the data there is, or not, as the committee decides (A18)."""

import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import (
    AssociationStatus,
    Benchmark,
    BenchmarkChange,
)
from rounds.records.cubes import Cube, State
from tests.contract.registry.builders import make_cube
from tests.contract.registry.editing import replace_preparator
from tests.contract.registry.scenes import (
    OPEN_DOORS,
    add_dataset,
    another_benchmark,
    joined,
    prepared,
)
from tests.contract.registry.world import World


class TestRevision:
    def test_compatible_keeps_the_data_there_is(self, world: World) -> None:
        """What an earlier revision prepared goes on and may still join; what is new takes the new one."""
        benchmark, dataset, _ = joined(world)
        waiting = prepared(world, benchmark, owner="second", site="site-b")
        newer = revise(world, benchmark, is_compatible=True)
        second = world.person("second")

        late = second.associate(world.wish(benchmark, dataset_id=waiting.id))
        fresh = add_dataset(world, benchmark, owner="third", site="site-c")

        found = world.person("committee").benchmark(benchmark.id)
        assert found.compatible_preparators == (benchmark.preparator_id, newer.id)
        assert late.status is AssociationStatus.APPROVED
        assert fresh.preparator_id == newer.id
        cells = world.person("committee").cells(model_id=benchmark.reference_model_id)
        assert {cell.dataset_id for cell in cells} == {dataset.id, waiting.id, fresh.id}

    def test_incompatible_asks_for_preparation_anew(self, world: World) -> None:
        """What an earlier revision prepared leaves, waiting or joined, until it is prepared again."""
        benchmark, dataset, _ = joined(world)
        other = another_benchmark(world, benchmark, "other", **OPEN_DOORS)
        owner = world.person("owner")
        elsewhere = owner.associate(world.wish(other, dataset_id=dataset.id))

        newer = revise(world, benchmark, is_compatible=False)

        ended = owner.associations(benchmark_id=benchmark.id)[0]
        assert ended.status is AssociationStatus.REVOKED
        assert owner.approval(ended.approval_id).reason == "prepared by an older preparator"
        assert owner.association(elsewhere.id).status is AssociationStatus.APPROVED
        assert owner.cells(benchmark_id=benchmark.id) == []
        with pytest.raises(Conflict, match=f"needed {newer.id}; register and prepare it anew"):
            owner.associate(world.wish(benchmark, dataset_id=dataset.id))
        anew = add_dataset(world, benchmark)
        assert {cell.dataset_id for cell in owner.cells(benchmark_id=benchmark.id)} == {anew.id}

    def test_incompatible_voids_a_request_that_waits(self, world: World) -> None:
        """A dataset that asked to join is told so, not let in by a late decision."""
        benchmark = world.approved_benchmark()
        dataset, owner = world.operational(benchmark), world.person("owner")
        asked = owner.associate(world.wish(benchmark, dataset_id=dataset.id))

        revise(world, benchmark, is_compatible=False)

        assert owner.association(asked.id).status is AssociationStatus.REJECTED
        assert owner.approval(asked.approval_id).status is ApprovalStatus.VOID

    def test_takes_an_approved_benchmark(self, world: World) -> None:
        """While a benchmark is decided on, its preparator is part of what was shown."""
        benchmark = world.propose()

        with pytest.raises(Conflict, match="is PENDING, needed APPROVED"):
            revise(world, benchmark, is_compatible=True)

    def test_by_an_edit_is_never_compatible(self, world: World) -> None:
        """In DEVELOPMENT an edit replaces the preparator, and data of the former one leaves."""
        benchmark, _, _ = joined(world, state=State.DEVELOPMENT)
        committee, owner = world.person("committee"), world.person("owner")
        newer = committee.register_cube(make_cube("prep2", CubeKind.PREPARATOR))

        wanted = BenchmarkChange(preparator_id=newer.id)
        committee.change_benchmark(benchmark.id, wanted, revision=benchmark.revision)

        found = owner.associations(benchmark_id=benchmark.id)[0]
        assert found.status is AssociationStatus.REVOKED
        assert owner.cells() == []


def revise(world: World, benchmark: Benchmark, *, is_compatible: bool) -> Cube:
    """A new revision of the preparator, which the committee has put in its place."""
    committee = world.person("committee")
    newer = committee.register_cube(make_cube("prep2", CubeKind.PREPARATOR))
    replace_preparator(committee, benchmark.id, newer.id, is_compatible=is_compatible)
    return newer
