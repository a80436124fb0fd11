"""/benchmarks."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, NameFilter, TheCall, ThePost, TheRevision
from registry_api.routes import PREFIX, routes
from registry_api.services import benchmark_changes, benchmarks
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Benchmark,
    BenchmarkChange,
    BenchmarkIn,
    BenchmarkStatus,
    MetricsCubeChange,
    PreparatorChange,
)
from rounds.records.cubes import State

router = routes("benchmarks", prefix=f"{PREFIX}/benchmarks")


@router.post("", status_code=201)
def propose(body: BenchmarkIn, call: ThePost) -> Benchmark:
    """A new benchmark, PENDING until an administrator decides."""
    return call.write(benchmarks.propose, body)


class BenchmarkQuery(ListQuery):
    """Which benchmarks are wanted."""

    name: NameFilter = None
    status: BenchmarkStatus | None = None
    state: State | None = None
    preparator_id: IdFilter = None
    organisation_id: IdFilter = None
    is_active: bool | None = None
    is_valid: bool | None = None


@router.get("")
def list_benchmarks(call: TheCall, query: Annotated[BenchmarkQuery, Query()]) -> Page[Benchmark]:
    """The benchmarks that one may know of: the approved ones, and one's own."""
    return call.read(benchmarks.list_benchmarks, query, wanted=query.columns())


@router.get("/{benchmark_id}")
def read(benchmark_id: Id, call: TheCall) -> Benchmark:
    """One benchmark."""
    return call.read(benchmarks.read, benchmark_id)


@router.patch("/{benchmark_id}")
def change(
    benchmark_id: Id, body: BenchmarkChange, call: TheCall, revision: TheRevision
) -> Benchmark:
    """The benchmark, changed; changed terms ask everyone again, and in OPERATION they are frozen."""
    return call.write(benchmark_changes.change, benchmark_id, body, revision=revision)


@router.put("/{benchmark_id}/metrics")
def change_metrics(
    benchmark_id: Id, body: MetricsCubeChange, call: TheCall, revision: TheRevision
) -> Benchmark:
    """The benchmark with a new metrics cube; what the old one scored is outstanding again."""
    return call.write(benchmark_changes.change_metrics, benchmark_id, body, revision=revision)


@router.put("/{benchmark_id}/preparator")
def change_preparator(
    benchmark_id: Id, body: PreparatorChange, call: TheCall, revision: TheRevision
) -> Benchmark:
    """The benchmark with a new revision of its preparator, compatible with the old one or not."""
    return call.write(benchmark_changes.change_preparator, benchmark_id, body, revision=revision)
