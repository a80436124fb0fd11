"""/benchmarks."""

from fastapi import APIRouter

from registry_api.deps import Id, TheCall, TheWindow
from registry_api.services import benchmarks
from rounds.records.base import Page
from rounds.records.benchmarks import Benchmark, BenchmarkIn, MetricsCubeChange

router = APIRouter(prefix="/benchmarks", tags=["benchmarks"])


@router.post("", status_code=201)
def propose(body: BenchmarkIn, call: TheCall) -> Benchmark:
    """A new benchmark, PENDING until an administrator decides."""
    with call.writing() as (session, who):
        return benchmarks.propose(session, who, body)


@router.get("")
def list_benchmarks(call: TheCall, window: TheWindow, name: str | None = None) -> Page[Benchmark]:
    """The benchmarks that one may know of, or the one of a name."""
    with call.reading() as (session, who):
        return benchmarks.list_benchmarks(session, who, window, name=name)


@router.get("/{benchmark_id}")
def read(benchmark_id: Id, call: TheCall) -> Benchmark:
    """One benchmark."""
    with call.reading() as (session, who):
        return benchmarks.as_benchmark(benchmarks.find(session, who, benchmark_id))


@router.put("/{benchmark_id}/metrics")
def change_metrics(benchmark_id: Id, body: MetricsCubeChange, call: TheCall) -> Benchmark:
    """The benchmark with a new metrics cube; what the old one scored is outstanding again."""
    with call.writing() as (session, who):
        return benchmarks.change_metrics(session, who, benchmark_id, body)
