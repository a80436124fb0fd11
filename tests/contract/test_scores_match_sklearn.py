"""The metrics cube against scikit-learn and against formulas written anew, on every hospital and model."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, recall_score, roc_auc_score

from deployments.demo.hospitals import write_export
from tests.programs import MODELS, evaluate, infer, prepare, read_numbers, read_table

SITES = ("site-a", "site-b", "site-c")
EXACT = 1e-9
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One model at one hospital: labels and scores by case id, and what the metrics cube wrote."""

    labels: Array
    scores: Array
    discrimination: dict[str, float]
    calibration: dict[str, float]
    n_cases: int


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Scored]:
    """Every hospital prepared, scored by every model and evaluated, all by the shipped programs."""
    root = tmp_path_factory.mktemp("sites")
    cells = {}
    for site in SITES:
        write_export(site, root / site / "raw")
        assert prepare(root / site / "raw", root / site / "prepared").exit_code == 0
        for model in MODELS:
            cells[site, model] = run_cell(root / site, model)
    return cells


def run_cell(site: Path, model: str) -> Scored:
    """Infer and evaluate one model at one prepared hospital."""
    folder, labels = site / model, site / "prepared" / "labels"
    assert infer(model, site / "prepared" / "data", folder).exit_code == 0
    assert evaluate(folder / "predictions", labels, folder).exit_code == 0
    label_by_case = read_numbers(labels / "labels.csv")
    score_by_case = read_numbers(folder / "predictions" / "predictions.csv")
    return Scored(
        labels=np.array([label_by_case[case] for case in sorted(label_by_case)]),
        scores=np.array([score_by_case[case] for case in sorted(label_by_case)]),
        **json.loads((folder / "results.yaml").read_text(encoding="utf-8")),
    )


def evaluate_table(folder: Path, table: Iterable[tuple[float, int]]) -> dict[str, object]:
    """What the metrics cube writes for (score, label) rows."""
    rows = list(table)
    write_rows(folder / "p" / "predictions.csv", "score", [score for score, _ in rows])
    write_rows(folder / "l" / "labels.csv", "label", [label for _, label in rows])
    assert evaluate(folder / "p", folder / "l", folder / "out").exit_code == 0
    document: dict[str, object] = json.loads((folder / "out" / "results.yaml").read_text())
    return document


def write_rows(path: Path, column: str, values: Iterable[object]) -> None:
    """A table with case ids c0, c1, ... and one column."""
    path.parent.mkdir(exist_ok=True)
    rows = [f"c{number},{value}\n" for number, value in enumerate(values)]
    path.write_text("".join([f"case_id,{column}\n", *rows]))


def delong_variance(labels: Array, scores: Array) -> float:
    """The AUROC's variance by the definition of 1988: a comparison for every pair of cases, O(m n)."""
    positives, negatives = scores[labels == 1], scores[labels == 0]
    difference = positives[:, None] - negatives[None, :]
    wins = (difference > 0) + 0.5 * (difference == 0)
    by_positive, by_negative = wins.mean(axis=1), wins.mean(axis=0)
    spread = by_positive.var(ddof=1) / len(positives) + by_negative.var(ddof=1) / len(negatives)
    return float(spread)


def expected_calibration_error(labels: Array, scores: Array) -> float:
    """The gap between score and label in each tenth of the score, weighed by its cases."""
    edges = np.linspace(0, 1, 11)[1:-1]
    bins = np.digitize(scores, edges)
    gaps = [
        (bins == tenth).mean() * abs((labels - scores)[bins == tenth].mean())
        for tenth in np.unique(bins)
    ]
    return float(sum(gaps))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("site", SITES)
class TestEveryCell:
    def test_matches_scikit_learn(
        self, scored: dict[tuple[str, str], Scored], site: str, model: str
    ) -> None:
        """AUROC, Brier score, sensitivity and specificity equal scikit-learn's to 1e-9."""
        cell = scored[site, model]

        called = cell.scores >= 0.5

        expected = {
            "auroc": roc_auc_score(cell.labels, cell.scores),
            "sensitivity": recall_score(cell.labels, called),
            "specificity": recall_score(cell.labels, called, pos_label=0),
        }
        found = {name: cell.discrimination[name] for name in expected}
        brier = brier_score_loss(cell.labels, cell.scores)
        assert found == pytest.approx(expected, rel=0, abs=EXACT)
        assert cell.calibration["brier"] == pytest.approx(brier, rel=0, abs=EXACT)
        assert cell.n_cases == len(cell.labels)

    def test_matches_the_formulas(
        self, scored: dict[tuple[str, str], Scored], site: str, model: str
    ) -> None:
        """DeLong's variance and the calibration error equal the plain formulas written here."""
        cell = scored[site, model]

        variance = delong_variance(cell.labels, cell.scores)
        ece = expected_calibration_error(cell.labels, cell.scores)

        assert cell.discrimination["auroc_variance"] == pytest.approx(variance, rel=1e-9)
        assert cell.calibration["ece"] == pytest.approx(ece, rel=0, abs=EXACT)


class TestPooled:
    def test_ranks_the_real_models_above_the_baseline(
        self, scored: dict[tuple[str, str], Scored]
    ) -> None:
        """Over all hospitals' cases the two real models exceed 0.95, and the baseline is last by far."""
        labels = np.concatenate([scored[site, MODELS[0]].labels for site in SITES])

        pooled = {
            model: roc_auc_score(
                labels, np.concatenate([scored[site, model].scores for site in SITES])
            )
            for model in MODELS
        }

        assert min(pooled["logistic-regression"], pooled["boosted-trees"]) > 0.95
        assert pooled["small-network"] > 0.9
        assert min(pooled, key=pooled.__getitem__) == "one-feature-baseline"
        assert pooled["one-feature-baseline"] < 0.8


class TestTies:
    def test_count_half(self, tmp_path: Path) -> None:
        """Equal scores of a positive and a negative count half, in the area and in its variance."""
        random = np.random.default_rng(7)
        labels = random.integers(0, 2, 80).astype(np.float64)
        scores = random.integers(0, 5, 80) / 4
        rows = [(float(s), int(label)) for s, label in zip(scores, labels, strict=True)]

        found = evaluate_table(tmp_path, rows)["discrimination"]

        assert isinstance(found, dict)
        assert found["auroc"] == pytest.approx(roc_auc_score(labels, scores), rel=0, abs=EXACT)
        assert found["auroc_variance"] == pytest.approx(delong_variance(labels, scores), rel=1e-9)


class TestDegenerate:
    def test_one_class_has_no_auroc(self, tmp_path: Path) -> None:
        """With one class only, what needs both is null and never a number that looks like a score."""
        rows = [(0.2, 0), (0.9, 0), (0.4, 0)]

        document = evaluate_table(tmp_path, rows)

        assert document["discrimination"] == {
            "auroc": None,
            "auroc_variance": None,
            "sensitivity": None,
            "specificity": pytest.approx(2 / 3),
        }

    def test_one_positive_has_no_variance(self, tmp_path: Path) -> None:
        """A class of one has no spread, so the area stands without a variance."""
        rows = [(0.2, 0), (0.9, 1), (0.4, 0)]

        document = evaluate_table(tmp_path, rows)

        found = document["discrimination"]
        assert isinstance(found, dict)
        assert (found["auroc"], found["auroc_variance"]) == (1.0, None)


BAD_PREDICTIONS = {
    "a case lacking": (["0.1", "0.2"], "found 1 cases lacking and 0 foreign"),
    "a foreign case": (["0.1", "0.2", "0.3", "0.4"], "found 0 cases lacking and 1 foreign"),
    "above 1": (["0.1", "0.2", "1.5"], "predictions.csv line 4: found something else, needed a"),
    "NaN": (["0.1", "nan", "0.5"], "predictions.csv line 3: found something else, needed a"),
    "a word": (["0.1", "high", "0.5"], "predictions.csv line 3: found something else, needed a"),
    "a case twice": (["0.1", "0.2", "0.3\nc0,0.3"], "line 5: found a case twice, needed one"),
}


class TestBadPredictions:
    @pytest.mark.parametrize("fault", BAD_PREDICTIONS)
    def test_are_refused(self, tmp_path: Path, fault: str) -> None:
        """Predictions that do not fit the labels end with status 2 and one line, and no result."""
        scores, message = BAD_PREDICTIONS[fault]
        write_rows(tmp_path / "p" / "predictions.csv", "score", scores)
        write_rows(tmp_path / "l" / "labels.csv", "label", [0, 1, 1])

        ended = evaluate(tmp_path / "p", tmp_path / "l", tmp_path / "out")

        assert ended.exit_code == 2
        assert message in ended.said
        assert ended.said.count("\n") == 1
        assert not (tmp_path / "out" / "results.yaml").exists()


class TestLocalOutputs:
    def test_hold_each_case_for_the_site_alone(self, tmp_path: Path) -> None:
        """Scores by case go to local_outputs_path, and none of them is in the results."""
        evaluate_table(tmp_path, [(0.125, 0), (0.875, 1)])

        rows = read_table(tmp_path / "out" / "local" / "cases.csv")

        results = (tmp_path / "out" / "results.yaml").read_text()
        assert rows == [["case_id", "score", "label"], ["c0", "0.125", "0"], ["c1", "0.875", "1"]]
        assert "c0" not in results
