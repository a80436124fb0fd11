"""Leaderboards: a benchmark's cells, pooled and ranked, as far as the sharing policy shows them."""

from datetime import datetime

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import BenchmarkRow
from registry_api.services import benchmarks, cells
from registry_api.services.reach import own_datasets, own_models, takes_part
from rounds.aggregation import leaderboard_rows, primary_metric
from rounds.errors import NotFound
from rounds.records.benchmarks import Audience, SharingPolicy
from rounds.records.leaderboards import POOLED, Leaderboard, LeaderboardRow


def read(session: Session, who: Principal, benchmark_id: int) -> Leaderboard:
    """A benchmark's rows that `who` may see: a score or a reason for each dataset x model x metric, and pooled.

    Raises:
        NotFound: There is no such benchmark, or `who` takes no part in it.
    """
    benchmark = benchmarks.find(session, who, benchmark_id)
    mine = _Mine(session, who, benchmark)
    if not mine.any:
        message = f"found no leaderboard of benchmark {benchmark_id} that you may know of"
        raise NotFound(f"{message}; join it first")
    whole = _whole(session, benchmark, who.at)
    sharing = benchmarks.proposal_of(benchmark).sharing
    return whole.model_copy(
        update={"rows": [row for row in whole.rows if mine.may_see(row, sharing)]}
    )


def public(session: Session, benchmark: BenchmarkRow, now: datetime) -> Leaderboard:
    """What the sharing policy makes public of a benchmark's leaderboard."""
    whole = _whole(session, benchmark, now)
    sharing = benchmarks.proposal_of(benchmark).sharing
    rows = [row for row in whole.rows if _audience(row, sharing).public]
    return whole.model_copy(update={"rows": rows})


class _Mine:
    """Of which sides of a benchmark somebody is, and which rows those may see."""

    def __init__(self, session: Session, who: Principal, benchmark: BenchmarkRow) -> None:
        self.all = who.is_admin
        self.committee = who.site is None and benchmark.organisation_id in who.roles
        here = select(BenchmarkRow.id).where(BenchmarkRow.id == benchmark.id)
        joined = session.exec(here.where(takes_part(who, col(BenchmarkRow.id)))).first()
        self.participant = who.site is None and joined is not None
        self.datasets = set(session.exec(own_datasets(who)).all())
        self.models = set(session.exec(own_models(who)).all())
        has_reference = benchmark.reference_model_id in self.models
        self.any = self.all or self.committee or has_reference or joined is not None

    def may_see(self, row: LeaderboardRow, sharing: SharingPolicy) -> bool:
        """Whether the policy shows this row to this side."""
        audience = _audience(row, sharing)
        return (
            self.all
            or row.dataset_id in self.datasets
            or audience.shows_to(
                committee=self.committee,
                model_owner=row.model_id in self.models,
                participant=self.participant,
            )
        )


def _audience(row: LeaderboardRow, sharing: SharingPolicy) -> Audience:
    return sharing.pooled if row.site == POOLED else sharing.per_site


def _whole(session: Session, benchmark: BenchmarkRow, now: datetime) -> Leaderboard:
    contract = benchmarks.contract_of(benchmark.body)
    found = cells.all_of_benchmark(session, benchmark.key, now)
    return Leaderboard(
        benchmark_id=benchmark.key,
        primary_metric=primary_metric(contract).name,
        rows=leaderboard_rows(found, contract, benchmark=benchmark.name),
    )
