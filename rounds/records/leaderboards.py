"""The leaderboard: what each model scored at each site, and pooled."""

from datetime import datetime
from enum import StrEnum

from rounds.records.base import Record

POOLED = "pooled"


class RowStatus(StrEnum):
    """Whether a row holds a score, and of all that was asked.

    `PARTIAL` is a site's score of partial predictions, or a pooled one over such, or over fewer sites than
    were asked; the row's reason says which.
    """

    SCORED = "scored"
    PARTIAL = "partial"
    MISSING = "missing"


class LeaderboardRow(Record):
    """One site x model x metric, or with site `pooled` one model x metric over all sites.

    A row without a score, or with a partial one, says why in `reason`. `rank` is set on pooled rows of the primary metric, 1 is
    best; `dataset_id` is set on a site's rows.
    """

    benchmark: str
    site: str
    dataset_id: int | None
    model: str
    model_id: int
    metric: str
    score: float | None
    variance: float | None
    n_cases: int | None
    status: RowStatus
    reason: str
    rank: int | None = None


class Leaderboard(Record):
    """A benchmark's rows, the best model first."""

    benchmark_id: int
    primary_metric: str
    rows: list[LeaderboardRow]


class Publication(Record):
    """A benchmark's leaderboard as its committee published it; the latest one counts."""

    id: int
    benchmark_id: int
    approval_id: int
    sha256: str
    published_at: datetime
    leaderboard: Leaderboard
