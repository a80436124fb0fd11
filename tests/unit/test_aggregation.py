"""From cells to a leaderboard."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.aggregation import SCORES, leaderboard_rows, pool_scores, primary_metric, rank_models
from rounds.records.benchmarks import Direction, MetricContract, MetricSpec
from rounds.records.executions import Cell, ExecutionStatus, MetricValue
from rounds.records.leaderboards import POOLED, LeaderboardRow, RowStatus

AUROC = MetricSpec(name="auroc", path="auroc", primary=True)
BRIER = MetricSpec(name="brier", path="brier", direction=Direction.LOWER)
CONTRACT = MetricContract(metrics=(BRIER, AUROC))


def make_cell(model_id: int, site: str, score: float | None, **changes: object) -> Cell:
    """A submitted cell with this AUROC on 10 cases, or one that failed."""
    scored = score is not None
    values = {
        "auroc": MetricValue(score=score or 0, variance=0.04),
        "brier": MetricValue(score=0.2),
    }
    fields: dict[str, object] = {
        "benchmark_id": 1,
        "dataset_id": ord(site[-1]),
        "model_id": model_id,
        "site": site,
        "model": f"model {model_id}",
        "priority": 0,
        "outstanding": False,
        "runnable": not scored,
        "status": ExecutionStatus.SUBMITTED if scored else ExecutionStatus.FAILED,
        "reason": "" if scored else "failed: cube_failed",
        "n_cases": 10 if scored else None,
        "metrics": values if scored else {},
    }
    return Cell.model_validate(fields | changes)


def rows_of(*cells: Cell) -> list[LeaderboardRow]:
    """The AUROC's rows of these cells."""
    rows = leaderboard_rows(cells, CONTRACT, benchmark="lumps")
    return [row for row in rows if row.metric == "auroc"]


class TestPooling:
    def test_weighs_sites_by_their_cases(self) -> None:
        """A site with three times the cases counts three times."""
        scores = [(1, "auroc", 0.9, 0.04, 30), (1, "auroc", 0.5, 0.04, 10)]

        pooled = pool_scores(pl.DataFrame(scores, schema=SCORES, orient="row")).row(0, named=True)

        assert pooled["score"] == pytest.approx(0.8)
        assert pooled["variance"] == pytest.approx(0.75**2 * 0.04 + 0.25**2 * 0.04)
        assert (pooled["n_cases"], pooled["n_sites"]) == (40, 2)

    def test_has_no_variance_if_a_site_gave_none(self) -> None:
        """A variance that leaves out a site is no variance of the whole."""
        scores = [(1, "auroc", 0.9, 0.04, 30), (1, "auroc", 0.5, None, 10)]

        pooled = pool_scores(pl.DataFrame(scores, schema=SCORES, orient="row"))

        assert pooled["variance"].to_list() == [None]

    @given(
        sites=st.lists(
            st.tuples(st.floats(min_value=0, max_value=1), st.integers(1, 10_000)),
            min_size=1,
            max_size=8,
        )
    )
    def test_lies_between_the_sites(self, sites: list[tuple[float, int]]) -> None:
        """A pooled score is never outside of what it pools."""
        scores = [(1, "auroc", score, None, n_cases) for score, n_cases in sites]

        pooled = pool_scores(pl.DataFrame(scores, schema=SCORES, orient="row"))["score"][0]

        lowest, highest = min(score for score, _ in sites), max(score for score, _ in sites)
        assert lowest - 1e-12 <= pooled <= highest + 1e-12


class TestRanks:
    @pytest.mark.parametrize(
        ("direction", "ranks"),
        [(Direction.HIGHER, {1: 2, 2: 1, 3: 2}), (Direction.LOWER, {1: 1, 2: 3, 3: 1})],
    )
    def test_follow_the_direction(self, direction: Direction, ranks: dict[int, int]) -> None:
        """The best model is first, whichever way is better; equals share a rank."""
        scores = [(1, "m", 0.5, None, 9), (2, "m", 0.7, None, 9), (3, "m", 0.5, None, 9)]
        pooled = pool_scores(pl.DataFrame(scores, schema=SCORES, orient="row"))

        found = rank_models(pooled, MetricSpec(name="m", path="m", direction=direction))

        assert found == ranks

    def test_are_by_the_primary_metric(self) -> None:
        """The metric marked primary orders the models, wherever it stands."""
        primary = primary_metric(CONTRACT)

        assert primary == AUROC


class TestRows:
    def test_best_model_is_first(self) -> None:
        """Models come in the order of their rank."""
        rows = rows_of(make_cell(1, "site-a", 0.6), make_cell(2, "site-a", 0.9))

        assert [(row.model_id, row.rank) for row in rows if row.site == POOLED] == [(2, 1), (1, 2)]

    def test_failed_site_is_a_row_with_its_reason(self) -> None:
        """A site that failed never looks like a site that scored."""
        rows = rows_of(make_cell(1, "site-a", 0.9), make_cell(1, "site-b", None))

        failed = next(row for row in rows if row.site == "site-b")
        assert (failed.score, failed.status) == (None, RowStatus.MISSING)
        assert failed.reason == "failed: cube_failed"

    def test_pooled_over_some_sites_says_so(self) -> None:
        """A pooled score that lacks a site is partial."""
        rows = rows_of(make_cell(1, "site-a", 0.9), make_cell(1, "site-b", None))

        assert rows[-1].status is RowStatus.PARTIAL
        assert rows[-1].reason == "1 of 2 datasets scored"

    def test_of_partial_predictions_say_so(self) -> None:
        """The site's row and the pooled one are partial, and counted; the other site's is not."""
        reason = "scored from partial predictions"
        partial = make_cell(1, "site-b", 0.5, partial=True, runnable=True, reason=reason)

        rows = rows_of(make_cell(1, "site-a", 0.9), partial)

        assert [(row.site, row.status, row.reason) for row in rows] == [
            ("site-a", RowStatus.SCORED, ""),
            ("site-b", RowStatus.PARTIAL, reason),
            (POOLED, RowStatus.PARTIAL, "2 of 2 datasets scored, 1 from partial predictions"),
        ]
        assert [row.score for row in rows] == [0.9, 0.5, pytest.approx(0.7)]

    def test_model_without_any_score_has_no_rank(self) -> None:
        """Nothing scored is nothing to rank, and last."""
        rows = rows_of(make_cell(1, "site-a", None), make_cell(2, "site-a", 0.1))

        assert [(row.model_id, row.rank) for row in rows if row.site == POOLED] == [
            (2, 1),
            (1, None),
        ]
        assert rows[-1].status is RowStatus.MISSING

    def test_outdated_result_is_not_in_force(self) -> None:
        """A score by an older metrics cube is not pooled with newer ones."""
        outdated = make_cell(
            1, "site-a", 0.9, outstanding=True, reason="scored by an older metrics cube"
        )

        rows = rows_of(outdated)

        assert [row.status for row in rows] == [RowStatus.MISSING, RowStatus.MISSING]
        assert rows[0].reason == "scored by an older metrics cube"

    def test_no_cells_no_rows(self) -> None:
        """A benchmark that nobody joined has an empty leaderboard."""
        assert rows_of() == []
