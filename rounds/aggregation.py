"""From cells to a leaderboard: a score or a reason for each site, pooled scores, ranks. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from rounds.records.benchmarks import Direction, MetricContract, MetricSpec
from rounds.records.executions import Cell, ExecutionStatus
from rounds.records.leaderboards import POOLED, LeaderboardRow, RowStatus

SCORES = {
    "model_id": pl.Int64,
    "metric": pl.String,
    "score": pl.Float64,
    "variance": pl.Float64,
    "n_cases": pl.Int64,
}


def pool_scores(scores: pl.DataFrame) -> pl.DataFrame:
    """Pool per-site scores into one row per model and metric; each site weighs by its number of cases.

    Args:
        scores: One row per (dataset, model, metric) that was scored.
            `model_id` i64, `metric` str, `score` f64 in the metric's own unit, `variance` f64 or null,
            `n_cases` i64 > 0.

    Returns:
        One row per (model_id, metric), sorted by both.
            `score` f64, `variance` f64 of the pooled score, null unless every site gave one,
            `n_cases` i64, `n_sites` u32.
    """
    weight = pl.col("n_cases") / pl.col("n_cases").sum()
    variance = (weight.pow(2) * pl.col("variance")).sum()
    return (
        scores.group_by("model_id", "metric")
        .agg(
            score=(weight * pl.col("score")).sum(),
            variance=pl.when(pl.col("variance").null_count() == 0).then(variance),
            n_cases=pl.col("n_cases").sum(),
            n_sites=pl.len(),
        )
        .sort("model_id", "metric")
    )


def rank_models(pooled: pl.DataFrame, metric: MetricSpec) -> dict[int, int]:
    """The rank of each model that has a pooled score of `metric`, 1 is best, equal scores share a rank."""
    downward = metric.direction is Direction.HIGHER
    ranked = pooled.filter(pl.col("metric") == metric.name).select(
        "model_id", rank=pl.col("score").rank("min", descending=downward)
    )
    return dict(ranked.iter_rows())


def primary_metric(contract: MetricContract) -> MetricSpec:
    """The metric that orders the models: the first marked primary, else the first."""
    return next((spec for spec in contract.metrics if spec.primary), contract.metrics[0])


def leaderboard_rows(
    cells: Sequence[Cell], contract: MetricContract, *, benchmark: str
) -> list[LeaderboardRow]:
    """A row for each cell and metric, then a pooled row for each model and metric; best model first.

    A cell without a score in force is a row with its reason, never a gap, and its model's pooled rows
    are `partial`; so are they, and its own rows, if its score is of partial predictions.
    """
    pooled = pool_scores(_scores(cells))
    ranks = rank_models(pooled, primary_metric(contract))
    by_key = {(row["model_id"], row["metric"]): row for row in pooled.iter_rows(named=True)}
    models = sorted({(ranks.get(cell.model_id, len(cells) + 1), cell.model_id) for cell in cells})
    rows: list[LeaderboardRow] = []
    for _, model_id in models:
        own = [cell for cell in cells if cell.model_id == model_id]
        rows.extend(_site_row(cell, spec, benchmark) for cell in own for spec in contract.metrics)
        for spec in contract.metrics:
            rank = ranks.get(model_id) if spec == primary_metric(contract) else None
            found = by_key.get((model_id, spec.name))
            rows.append(_pooled_row(own, spec, benchmark, found=found, rank=rank))
    return rows


def in_force(cell: Cell) -> bool:
    """Whether the cell's result counts: submitted, and not due to be computed anew."""
    return cell.status is ExecutionStatus.SUBMITTED and not cell.outstanding


def _scores(cells: Iterable[Cell]) -> pl.DataFrame:
    rows = [
        (cell.model_id, name, value.score, value.variance, cell.n_cases)
        for cell in cells
        if in_force(cell)
        for name, value in cell.metrics.items()
    ]
    return pl.DataFrame(rows, schema=SCORES, orient="row")


def _site_row(cell: Cell, spec: MetricSpec, benchmark: str) -> LeaderboardRow:
    value = cell.metrics.get(spec.name) if in_force(cell) else None
    scored = RowStatus.PARTIAL if cell.partial else RowStatus.SCORED
    return LeaderboardRow(
        benchmark=benchmark,
        site=cell.site,
        dataset_id=cell.dataset_id,
        model=cell.model,
        model_id=cell.model_id,
        metric=spec.name,
        score=value.score if value else None,
        variance=value.variance if value else None,
        n_cases=cell.n_cases if value else None,
        status=scored if value else RowStatus.MISSING,
        reason=cell.reason or ("" if value else "no such metric in the result"),
    )


def _pooled_row(
    cells: Sequence[Cell],
    spec: MetricSpec,
    benchmark: str,
    *,
    found: Mapping[str, float | int | None] | None,
    rank: int | None,
) -> LeaderboardRow:
    values = found or {}
    n_scored = int(values.get("n_sites") or 0)
    n_partial = sum(cell.partial and in_force(cell) for cell in cells)
    complete = n_scored == len(cells) and not n_partial
    status = RowStatus.SCORED if complete else RowStatus.PARTIAL
    of_partial = f", {n_partial} from partial predictions" if n_partial else ""
    return LeaderboardRow(
        benchmark=benchmark,
        site=POOLED,
        dataset_id=None,
        model=cells[0].model,
        model_id=cells[0].model_id,
        metric=spec.name,
        score=values.get("score"),
        variance=values.get("variance"),
        n_cases=int(values.get("n_cases") or 0),
        status=status if n_scored else RowStatus.MISSING,
        reason="" if complete else f"{n_scored} of {len(cells)} datasets scored{of_partial}",
        rank=rank,
    )
