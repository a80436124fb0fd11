"""The model's own tests: `pytest`, without a container."""

import csv
from pathlib import Path

import main

DEMO = Path(__file__).parents[1] / "demo"
PARAMETERS = {"middle": 38.0, "slope": 2.0}


def test_scores_every_case(tmp_path: Path) -> None:
    """Each prepared case gets one score from 0 to 1."""
    main.infer(DEMO / "data", tmp_path, PARAMETERS)

    with (tmp_path / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["case_id"] for row in rows] == [f"p-0{number}" for number in range(1, 7)]
    assert all(0 <= float(row["score"]) <= 1 for row in rows)


def test_score_rises_with_the_temperature() -> None:
    """A fever scores higher than none, and the middle 0.5."""
    scores = [main.score(degrees, PARAMETERS) for degrees in (37.0, 38.0, 39.0)]

    assert scores == sorted(scores)
    assert scores[1] == 0.5
