"""Leaderboards: a benchmark's cells, pooled and ranked, for those who take part."""

from sqlmodel import Session, col, or_, select

from registry_api.auth import Principal
from registry_api.models import AssociationRow, BenchmarkRow, CubeRow
from registry_api.services import benchmarks, cells
from registry_api.services.reach import own_datasets, own_models
from rounds.aggregation import leaderboard_rows, primary_metric
from rounds.errors import NotFound
from rounds.records.benchmarks import AssociationStatus
from rounds.records.leaderboards import Leaderboard


def read(session: Session, who: Principal, benchmark_id: int) -> Leaderboard:
    """Every dataset x model x metric of a benchmark, a score or a reason, and the pooled rows.

    Raises:
        NotFound: There is no such benchmark, or `who` takes no part in it.
    """
    benchmark = benchmarks.find(session, who, benchmark_id)
    if not _takes_part(session, who, benchmark):
        message = f"found no leaderboard of benchmark {benchmark_id} that you may know of"
        raise NotFound(f"{message}; join it first")
    contract = benchmarks.contract_of(benchmark)
    found = cells.all_of_benchmark(session, benchmark_id, who.at)
    return Leaderboard(
        benchmark_id=benchmark_id,
        primary_metric=primary_metric(contract).name,
        rows=leaderboard_rows(found, contract, benchmark=benchmark.name),
    )


def _takes_part(session: Session, who: Principal, benchmark: BenchmarkRow) -> bool:
    if who.is_admin or benchmark.owner_id == who.user_id:
        return True
    reference = session.get_one(CubeRow, benchmark.reference_model_id)
    if reference.owner_id == who.user_id and who.site is None:
        return True
    joined = (
        select(AssociationRow.id)
        .where(AssociationRow.benchmark_id == benchmark.id)
        .where(AssociationRow.status == AssociationStatus.APPROVED)
        .where(
            or_(
                col(AssociationRow.dataset_id).in_(own_datasets(who)),
                col(AssociationRow.model_id).in_(own_models(who)),
            )
        )
    )
    return session.exec(joined).first() is not None
