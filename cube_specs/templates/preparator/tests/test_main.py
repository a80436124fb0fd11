"""The preparator's own tests: `pytest`, without a container."""

import json
from pathlib import Path

import main
import pytest

DEMO = Path(__file__).parents[1] / "demo"
NAMES = {
    "case_id": "patient_id",
    "temperature": "temperature_celsius",
    "label": "infected",
    "labels": {"no": 0, "yes": 1},
    "lowest": 30,
    "highest": 45,
}


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A folder with data/ and labels/, prepared from the demo data."""
    for name in ("data", "labels"):
        (tmp_path / name).mkdir()
    main.prepare(DEMO / "data", DEMO / "labels", tmp_path / "data", tmp_path / "labels", NAMES)
    return tmp_path


def test_writes_a_row_for_each_patient(prepared: Path) -> None:
    """Each patient has one row in both tables, by case."""
    lines = (prepared / "labels" / "labels.csv").read_text().splitlines()

    assert lines[:3] == ["case_id,label", "p-01,0", "p-02,1"]
    assert len(lines) == 7


def test_counts(prepared: Path) -> None:
    """The statistics say how many cases there are and how many are positive."""
    main.count(prepared / "data", prepared / "labels", prepared / "statistics.yaml")

    found = json.loads((prepared / "statistics.yaml").read_text())
    assert (found["n_cases"], found["n_positive"]) == (6, 4)


def test_refuses_a_temperature_that_no_body_has(prepared: Path) -> None:
    """The sanity check tells Fahrenheit from Celsius."""
    table = prepared / "data" / "data.csv"
    table.write_text(table.read_text().replace("36.6", "97.9"))

    with pytest.raises(main.Refused, match="out of range"):
        main.sanity_check(prepared / "data", prepared / "labels", NAMES)
