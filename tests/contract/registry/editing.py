"""Changes of what was read a moment ago."""

from rounds.client.registry import RegistryClient
from rounds.records.benchmarks import (
    Association,
    Benchmark,
    MetricsCubeChange,
    PreparatorChange,
    PriorityChange,
)


def replace_metrics(client: RegistryClient, benchmark_id: int, cube_id: int) -> Benchmark:
    """The benchmark, judged by another metrics cube."""
    found = client.benchmark(benchmark_id)
    change = MetricsCubeChange(metrics_id=cube_id)
    return client.change_metrics(benchmark_id, change, revision=found.revision)


def replace_preparator(
    client: RegistryClient, benchmark_id: int, cube_id: int, *, is_compatible: bool
) -> Benchmark:
    """The benchmark, with another revision of its preparator."""
    found = client.benchmark(benchmark_id)
    change = PreparatorChange(preparator_id=cube_id, is_compatible=is_compatible)
    return client.change_preparator(benchmark_id, change, revision=found.revision)


def prioritise(client: RegistryClient, association_id: int, priority: int) -> Association:
    """The association, its model sooner or later."""
    found = client.association(association_id)
    change = PriorityChange(priority=priority)
    return client.set_priority(association_id, change, revision=found.revision)
