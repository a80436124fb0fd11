"""Cells: what is outstanding stops when something is withdrawn, and comes back with its history."""

from typing import Protocol

import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict
from rounds.records.benchmarks import Benchmark, BenchmarkChange
from rounds.records.cubes import CubeChange
from rounds.records.datasets import Dataset, DatasetChange
from rounds.records.executions import ExecutionStatus
from tests.contract.registry.builders import make_cube
from tests.contract.registry.editing import replace_metrics
from tests.contract.registry.scenes import (
    add_dataset,
    add_model,
    add_result,
    claim_cell,
    joined,
    submit_scores,
)
from tests.contract.registry.world import World


class Switch(Protocol):
    """Turns something off and on."""

    def __call__(self, *, on: bool) -> None:
        """Turn it."""


class TestWithdrawn:
    def test_stops_what_is_outstanding_until_it_is_undone(self, world: World) -> None:
        """A resting or withdrawn benchmark, dataset, model or metrics cube has no cell left to run."""
        benchmark, dataset, tree = joined(world)
        result = add_result(world, benchmark, dataset, tree.id)
        oak = add_model(world, benchmark, name="oak")
        other = add_dataset(world, benchmark, owner="second", site="site-b")
        here, there = dataset.id, other.id
        ours = [benchmark.reference_model_id, tree.id, oak.id]
        everything = {(data, model) for data in (here, there) for model in ours}
        of_tree = {(here, tree.id), (there, tree.id)}
        left = {
            of_benchmark(world, benchmark, "is_active"): set(),
            of_benchmark(world, benchmark, "is_valid"): set(),
            of_dataset(world, dataset): {cell for cell in everything if cell[0] == there},
            of_cube(world, "maker", tree.id): everything - of_tree,
            of_cube(world, "committee", benchmark.metrics_id): set(),
        }

        for switch, expected in left.items():
            switch(on=False)
            assert cells(world) == expected
            with pytest.raises(Conflict, match="withdrawn"):
                claim_cell(world, benchmark, dataset, tree.id)
            switch(on=True)
            assert cells(world) == everything

        back = world.person("owner").cells(model_id=tree.id)[0]
        assert (back.execution_id, back.status) == (result.execution_id, ExecutionStatus.SUBMITTED)

    def test_takes_no_scores_of_work_under_way(self, world: World) -> None:
        """A run that goes on meanwhile submits nothing, and may once it is undone."""
        benchmark, dataset, tree = joined(world)
        claim = claim_cell(world, benchmark, dataset, tree.id)
        switch = of_benchmark(world, benchmark, "is_active")
        switch(on=False)
        with pytest.raises(Conflict, match="or was withdrawn"):
            submit_scores(world, dataset, claim)

        switch(on=True)

        result = submit_scores(world, dataset, claim)
        assert result.execution_id == claim.execution_id

    def test_metrics_cube_gives_way_to_another(self, world: World) -> None:
        """A committee whose metrics cube is gone puts another in its place, and work goes on."""
        benchmark, dataset, tree = joined(world)
        of_cube(world, "committee", benchmark.metrics_id)(on=False)
        committee = world.person("committee")
        judge = committee.register_cube(make_cube("judge2", CubeKind.METRICS))
        assert cells(world) == set()

        replace_metrics(committee, benchmark.id, judge.id)

        assert cells(world) == {(dataset.id, benchmark.reference_model_id), (dataset.id, tree.id)}


def cells(world: World) -> set[tuple[int, int]]:
    """Dataset and model of every cell that the committee sees."""
    return {(cell.dataset_id, cell.model_id) for cell in world.person("committee").cells()}


def of_benchmark(world: World, benchmark: Benchmark, field: str) -> Switch:
    """What turns a benchmark's activity, or its validity, off and on."""
    committee = world.person("committee")

    def switch(*, on: bool) -> None:
        revision = committee.benchmark(benchmark.id).revision
        change = BenchmarkChange.model_validate({field: on})
        committee.change_benchmark(benchmark.id, change, revision=revision)

    return switch


def of_dataset(world: World, dataset: Dataset) -> Switch:
    """What withdraws the owner's dataset and brings it back."""
    owner = world.person("owner")

    def switch(*, on: bool) -> None:
        revision = owner.dataset(dataset.id).revision
        owner.change_dataset(dataset.id, DatasetChange(is_valid=on), revision=revision)

    return switch


def of_cube(world: World, name: str, cube_id: int) -> Switch:
    """What withdraws somebody's cube and brings it back."""
    client = world.person(name)

    def switch(*, on: bool) -> None:
        revision = client.cube(cube_id).revision
        client.change_cube(cube_id, CubeChange(is_valid=on), revision=revision)

    return switch
