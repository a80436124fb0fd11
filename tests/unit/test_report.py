"""The leaderboard's files hold every row, a score or a reason, and the best model first."""

import csv
from pathlib import Path

from rounds.records.leaderboards import POOLED, Leaderboard, LeaderboardRow, RowStatus
from rounds.report import COLUMNS, leaderboard_frame, write_report
from tests.unit.builders import make_benchmark


def make_row(model: str, site: str, metric: str, **changes: object) -> LeaderboardRow:
    """A scored row."""
    fields: dict[str, object] = {
        "benchmark": "Lumps",
        "site": site,
        "dataset_id": None if site == POOLED else 4,
        "model": model,
        "model_id": 1,
        "metric": metric,
        "score": 0.9,
        "variance": 0.001,
        "n_cases": 25,
        "status": RowStatus.SCORED,
        "reason": "",
    }
    return LeaderboardRow.model_validate(fields | changes)


def make_leaderboard() -> Leaderboard:
    """Two models at two sites; the second failed at one of them."""
    missing = {"score": None, "variance": None, "n_cases": None, "status": RowStatus.MISSING}
    partial = {"status": RowStatus.PARTIAL, "reason": "1 of 2 datasets scored"}
    rows = []
    for metric in ("auroc", "brier"):
        rows += [
            make_row("trees", "site-a", metric),
            make_row("trees", "site-b", metric, score=0.95),
            make_row("trees", POOLED, metric, score=0.923456, n_cases=50, rank=1),
            make_row("coin", "site-a", metric, score=0.5),
            make_row("coin", "site-b", metric, **missing, reason="cube_failed"),
            make_row("coin", POOLED, metric, **partial, score=0.5, rank=2),
        ]
    return Leaderboard(benchmark_id=3, primary_metric="auroc", rows=rows)


class TestLeaderboardFrame:
    def test_has_a_row_for_each_row(self) -> None:
        """Nothing is left out, and the columns have the promised names and types."""
        frame = leaderboard_frame(make_leaderboard())

        assert frame.height == 12
        assert dict(frame.schema) == COLUMNS

    def test_of_nothing_has_its_columns(self) -> None:
        """A benchmark without cells is an empty table, not an error."""
        frame = leaderboard_frame(Leaderboard(benchmark_id=3, primary_metric="auroc", rows=[]))

        assert (frame.height, frame.columns) == (0, list(COLUMNS))


class TestWriteReport:
    def test_writes_a_csv_with_every_row(self, tmp_path: Path) -> None:
        """A failed cell is a row with its reason and no score, never a gap."""
        write_report(make_leaderboard(), make_benchmark(), tmp_path / "reports")

        with (tmp_path / "reports" / "leaderboard.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        failed = [row for row in rows if row["reason"] == "cube_failed"]
        assert len(rows) == 12
        assert [(row["site"], row["score"]) for row in failed] == [("site-b", "")] * 2
        assert {row["site"] for row in rows} == {"site-a", "site-b", "pooled"}

    def test_writes_what_it_returns(self, tmp_path: Path) -> None:
        """The Markdown on the disk is the one that Prefect shows, and no part is left beside it."""
        text = write_report(make_leaderboard(), make_benchmark(), tmp_path)

        assert (tmp_path / "report.md").read_text() == text
        assert {path.name for path in tmp_path.iterdir()} == {"report.md", "leaderboard.csv"}

    def test_orders_models_by_rank(self, tmp_path: Path) -> None:
        """The best pooled model comes first, with its rounded scores, whatever the rows' order."""
        board = make_leaderboard()
        turned = board.model_copy(update={"rows": board.rows[::-1]})

        text = write_report(turned, make_benchmark(), tmp_path)

        assert text.index("| 1 | trees | 0.9235 | 0.9235 | 50 | scored |") < text.index(
            "| 2 | coin | 0.5000 | 0.5000 | 25 | 1 of 2 datasets scored |"
        )

    def test_says_why_a_site_has_no_score(self, tmp_path: Path) -> None:
        """A site that failed never looks like a site that scored."""
        text = write_report(make_leaderboard(), make_benchmark(), tmp_path)

        assert "| model | site-a | site-b |" in text
        assert "| coin | 0.5000 | cube_failed |" in text

    def test_marks_a_score_of_partial_predictions(self, tmp_path: Path) -> None:
        """A score that rests on what a model wrote before it failed does not stand there as any other."""
        row = make_row("coin", "site-c", "auroc", score=0.5, status=RowStatus.PARTIAL)
        board = make_leaderboard()

        text = write_report(
            board.model_copy(update={"rows": [*board.rows, row]}), make_benchmark(), tmp_path
        )

        assert "| coin | 0.5000 | cube_failed | 0.5000 (partial) |" in text

    def test_says_where_a_model_was_never_run(self, tmp_path: Path) -> None:
        """A model without a row at a site has a word there, not an empty cell."""
        board = make_leaderboard()
        rows = [row for row in board.rows if (row.model, row.site) != ("coin", "site-b")]

        text = write_report(board.model_copy(update={"rows": rows}), make_benchmark(), tmp_path)

        assert "| coin | 0.5000 | not there |" in text

    def test_shows_a_model_without_any_score(self, tmp_path: Path) -> None:
        """A model that failed everywhere stands last, without rank or score, and says so."""
        nothing = {"score": None, "variance": None, "n_cases": 0, "status": RowStatus.MISSING}
        row = make_row("late", POOLED, "auroc", **nothing, reason="0 of 2 datasets scored")
        board = make_leaderboard()

        text = write_report(
            board.model_copy(update={"rows": [row, *board.rows]}), make_benchmark(), tmp_path
        )

        assert "|  | late |  |  | 0 | 0 of 2 datasets scored |\n\n## auroc at each site" in text
