"""A metrics cube: how well predictions tell positive from negative cases.

Called as `main.py evaluate`; standard library only. It runs without network, on a read-only root, as a user
other than root: write to the output and to /tmp, nowhere else. Only what the benchmark's contract names
leaves a hospital; what is printed stays there, and even so names no case.
"""

import csv
import json
import sys
from pathlib import Path

BASE = Path("/mlcommons/volumes")
PREDICTIONS, LABELS = BASE / "predictions", BASE / "labels"
PARAMETERS = BASE / "parameters/parameters.yaml"
RESULTS = BASE / "results/results.yaml"


class Refused(Exception):
    """What was found, what was needed: one line that names no case."""


def evaluate(predictions: Path, labels: Path, output: Path, parameters: dict) -> None:
    """Write accuracy, sensitivity and n_cases as JSON, which is YAML."""
    scores = read_column(predictions / "predictions.csv", "score")
    truth = read_column(labels / "labels.csv", "label")
    if scores.keys() != truth.keys():
        raise Refused("found other cases in the predictions than in the labels, needed the same")
    if not any(truth.values()):
        raise Refused("found no positive case, needed one for the sensitivity")
    called = {case: score >= parameters["threshold"] for case, score in scores.items()}
    document = {
        "accuracy": sum(called[case] == bool(truth[case]) for case in truth) / len(truth),
        "sensitivity": sum(called[case] for case in truth if truth[case]) / sum(truth.values()),
        "n_cases": len(truth),
    }
    output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_column(path: Path, column: str) -> dict[str, float]:
    """The column's number for each case."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["case_id"]: float(row[column]) for row in csv.DictReader(file)}


def main() -> int:
    """Run the task that the command line names; the exit status, 0 when well."""
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    try:
        if task != "evaluate":
            raise Refused(f"found task {task}, needed evaluate")
        evaluate(PREDICTIONS, LABELS, RESULTS, json.loads(PARAMETERS.read_text("utf-8")))
    except Refused as refused:
        print(f"my-metrics: {refused}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
