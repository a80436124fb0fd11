"""The leaderboard as files: CSV for machines, Markdown for people. Aggregates and reasons only."""

from pathlib import Path

import polars as pl

from rounds.records.benchmarks import Benchmark
from rounds.records.leaderboards import POOLED, Leaderboard, RowStatus
from rounds.workspace import write_whole

COLUMNS = {
    "benchmark": pl.String,
    "site": pl.String,
    "model": pl.String,
    "metric": pl.String,
    "score": pl.Float64,
    "variance": pl.Float64,
    "n_cases": pl.Int64,
    "rank": pl.Int64,
    "status": pl.String,
    "reason": pl.String,
}


def leaderboard_frame(leaderboard: Leaderboard) -> pl.DataFrame:
    """The leaderboard's rows, a row per site x model x metric and the pooled ones.

    Returns:
        Columns `benchmark` str, `site` str, `model` str, `metric` str, `score` f64 (null without one),
        `variance` f64, `n_cases` i64, `rank` i64 (pooled primary metric only), `status` str, `reason` str.
    """
    rows = [row.model_dump(mode="json", include=set(COLUMNS)) for row in leaderboard.rows]
    return pl.DataFrame(rows, schema=COLUMNS)


def write_report(leaderboard: Leaderboard, benchmark: Benchmark, folder: Path) -> str:
    """Write `leaderboard.csv` and `report.md` below `folder`, whole or not at all; returns the report."""
    frame = leaderboard_frame(leaderboard)
    text = _markdown(frame, benchmark, leaderboard.primary_metric)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "leaderboard.csv", frame.write_csv().encode())
    write_whole(folder / "report.md", text.encode())
    return text


def _markdown(frame: pl.DataFrame, benchmark: Benchmark, primary: str) -> str:
    metrics = [spec.name for spec in benchmark.contract.metrics]
    pooled = frame.filter(pl.col("site") == POOLED)
    order = pooled.filter(pl.col("metric") == primary).sort("rank", nulls_last=True)
    parts = [
        f"# {benchmark.name}",
        benchmark.description,
        f"## Pooled over sites, ordered by {primary}",
        _table(
            ["rank", "model", *metrics, "cases", "status"], _pooled_rows(pooled, order, metrics)
        ),
        f"## {primary} at each site",
        _table(*_site_rows(frame, order, primary)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _pooled_rows(pooled: pl.DataFrame, order: pl.DataFrame, metrics: list[str]) -> list[list[str]]:
    scores = {(row["model"], row["metric"]): row["score"] for row in pooled.to_dicts()}
    return [
        [
            str(row["rank"] or ""),
            row["model"],
            *(_number(scores.get((row["model"], metric))) for metric in metrics),
            str(row["n_cases"] or 0),
            row["reason"] or row["status"],
        ]
        for row in order.to_dicts()
    ]


def _site_rows(
    frame: pl.DataFrame, order: pl.DataFrame, primary: str
) -> tuple[list[str], list[list[str]]]:
    rows = frame.filter((pl.col("site") != POOLED) & (pl.col("metric") == primary)).to_dicts()
    sites = sorted({row["site"] for row in rows})
    cells = {(row["model"], row["site"]): row for row in rows}
    table = []
    for model in order["model"].to_list():
        found = [cells.get((model, site)) for site in sites]
        table.append([model, *(_cell(cell) for cell in found)])
    return ["model", *sites], table


def _cell(row: dict[str, object] | None) -> str:
    if row is None:
        return "not there"
    score = row["score"]
    if not isinstance(score, float):
        return str(row["reason"])
    return f"{_number(score)} (partial)" if row["status"] == RowStatus.PARTIAL else _number(score)


def _number(score: float | None) -> str:
    return "" if score is None else f"{score:.4f}"


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
