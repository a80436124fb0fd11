"""The leaderboard of a benchmark."""

from fastapi import APIRouter

from registry_api.deps import Id, TheCall
from registry_api.services import leaderboards
from rounds.records.leaderboards import Leaderboard

router = APIRouter(tags=["leaderboards"])


@router.get("/benchmarks/{benchmark_id}/leaderboard")
def read(benchmark_id: Id, call: TheCall) -> Leaderboard:
    """Every dataset x model x metric, a score or a reason, and the pooled rows; for those who take part."""
    with call.reading() as (session, who):
        return leaderboards.read(session, who, benchmark_id)
