"""The metrics cube's own tests: `pytest`, without a container."""

import json
from pathlib import Path

import main
import pytest

DEMO = Path(__file__).parents[1] / "demo"
PARAMETERS = {"threshold": 0.5}


def test_computes_what_the_contract_names(tmp_path: Path) -> None:
    """Five of six cases are called right, three of four positive ones found."""
    output = tmp_path / "results.yaml"

    main.evaluate(DEMO / "predictions", DEMO / "labels", output, PARAMETERS)

    found = json.loads(output.read_text())
    assert found == {"accuracy": 5 / 6, "sensitivity": 3 / 4, "n_cases": 6}


def test_refuses_predictions_of_other_cases(tmp_path: Path) -> None:
    """A model that scored other cases is told so; it is not judged on those that happen to be there."""
    (tmp_path / "predictions.csv").write_text("case_id,score\np-99,0.5\n")

    with pytest.raises(main.Refused, match="found other cases"):
        main.evaluate(tmp_path, DEMO / "labels", tmp_path / "results.yaml", PARAMETERS)
