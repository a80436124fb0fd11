"""A model: a score for each prepared case.

Called as `main.py infer`; standard library only. It runs without network, on a read-only root, as a user
other than root: write to the output and to /tmp, nowhere else. Put your own model in the place of `score`.
"""

import csv
import json
import math
import sys
from pathlib import Path

BASE = Path("/mlcommons/volumes")
DATA, PREDICTIONS = BASE / "data", BASE / "predictions"
PARAMETERS = BASE / "parameters/parameters.yaml"


def infer(data: Path, predictions: Path, parameters: dict) -> None:
    """Write predictions.csv: case_id, and score, the probability that the case is positive."""
    with (data / "data.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    rows = [[case["case_id"], score(float(case["temperature"]), parameters)] for case in cases]
    with (predictions / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["case_id", "score"], *rows])


def score(temperature: float, parameters: dict) -> float:
    """The logistic of the temperature."""
    return 1 / (1 + math.exp(parameters["slope"] * (parameters["middle"] - temperature)))


def main() -> int:
    """Run the task that the command line names; the exit status, 0 when well."""
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    if task != "infer":
        print(f"my-model: found task {task}, needed infer", file=sys.stderr)
        return 2
    infer(DATA, PREDICTIONS, json.loads(PARAMETERS.read_text("utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
