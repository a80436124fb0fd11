"""The metrics cube: how well scores tell malignant from benign, and how far they are probabilities.

Called as `main.py evaluate`; standard library only. Ends 2 with one line on stderr when predictions and
labels do not fit together; that line stays at the site and names no case. A value that the cases do not
allow (an AUROC with one class only) is null.
"""

import csv
import json
import math
import os
import statistics
import sys
from pathlib import Path

BASE = "/mlcommons/volumes"
VOLUMES = {
    "evaluate": {
        "predictions": f"{BASE}/predictions",
        "labels": f"{BASE}/labels",
        "parameters_file": f"{BASE}/parameters/parameters.yaml",
        "output_path": f"{BASE}/results/results.yaml",
        "local_outputs_path": f"{BASE}/local_outputs",
    }
}
N_BINS = 10


class Refused(Exception):
    """What was found, what was needed, what to do: one line."""


def mounts(task: str) -> dict[str, Path]:
    """Where each mount key lies: as ROUNDS_MOUNTS says, else at the contract's own paths."""
    told = os.environ.get("ROUNDS_MOUNTS")
    places = json.loads(Path(told).read_text(encoding="utf-8")) if told else VOLUMES[task]
    return {key: Path(place) for key, place in places.items()}


def evaluate(paths: dict[str, Path]) -> None:
    """Write the metrics as JSON, which is YAML, and each case's score beside its label as local output."""
    threshold = json.loads(paths["parameters_file"].read_text(encoding="utf-8"))["threshold"]
    labels = read_column(paths["labels"] / "labels.csv", "label")
    scores = read_column(paths["predictions"] / "predictions.csv", "score")
    check_cases(labels, scores)
    cases = sorted(labels)
    pairs = [(scores[case], int(labels[case])) for case in cases]
    document = {
        "discrimination": discrimination(pairs, threshold),
        "calibration": calibration(pairs),
        "n_cases": len(pairs),
    }
    paths["output_path"].write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if "local_outputs_path" in paths and paths["local_outputs_path"].is_dir():
        write_cases(paths["local_outputs_path"] / "cases.csv", cases, pairs)


def read_column(path: Path, column: str) -> dict[str, float]:
    """The column's number for each case; labels are 0 or 1, scores lie between them."""
    if not path.is_file():
        raise Refused(f"found no {path.name}, needed it; run the step before again")
    numbers: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != ["case_id", column]:
            raise Refused(f"{path.name}: found other columns, needed case_id and {column}")
        for row in reader:
            where = f"{path.name} line {reader.line_num}"
            if row["case_id"] in numbers:
                raise Refused(f"{where}: found a case twice, needed one row each")
            numbers[row["case_id"]] = read_number(row[column], where)
    if column == "label" and not set(numbers.values()) <= {0.0, 1.0}:
        raise Refused(f"{path.name}: found another label, needed 0 or 1; prepare the data again")
    return numbers


def read_number(cell: str | None, where: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(cell or "nan")
    except ValueError:
        number = math.nan
    if not 0 <= number <= 1:
        raise Refused(f"{where}: found something else, needed a number from 0 to 1")
    return number


def check_cases(labels: dict[str, float], scores: dict[str, float]) -> None:
    """Refuse scores that lack a case or have one that is not in the labels, and an empty table."""
    lacking, foreign = len(labels.keys() - scores.keys()), len(scores.keys() - labels.keys())
    if lacking or foreign:
        found = f"predictions.csv: found {lacking} cases lacking and {foreign} foreign"
        raise Refused(f"{found}, needed exactly the cases of labels.csv; the model must score each")
    if not labels:
        raise Refused("labels.csv: found no case, needed at least one; prepare the data again")


def discrimination(pairs: list[tuple[float, int]], threshold: float) -> dict[str, float | None]:
    """AUROC with its variance; sensitivity and specificity when a score >= threshold is a positive."""
    positives = [score for score, label in pairs if label == 1]
    negatives = [score for score, label in pairs if label == 0]
    auroc, variance = delong(positives, negatives)
    return {
        "auroc": auroc,
        "auroc_variance": variance,
        "sensitivity": share([score >= threshold for score in positives]),
        "specificity": share([score < threshold for score in negatives]),
    }


def delong(positives: list[float], negatives: list[float]) -> tuple[float | None, float | None]:
    """The area under the ROC curve and the variance of its estimate, exact with ties.

    DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988) 837: the area is the Mann-Whitney statistic,
    its variance s10 / m + s01 / n, where s10 and s01 are the sample variances of the structural
    components over the m positives and n negatives. Sun and Xu, IEEE Signal Processing Letters 21 (2014)
    1389: the components follow from midranks within each class and in both together, in O(N log N).
    """
    m, n = len(positives), len(negatives)
    if not m or not n:
        return None, None
    together = midranks(positives + negatives)
    own = midranks(positives) + midranks(negatives)
    excess = [rank - rank_in_class for rank, rank_in_class in zip(together, own, strict=True)]
    auroc = math.fsum(excess[:m]) / (m * n)
    if min(m, n) == 1:
        return auroc, None
    v10 = [below / n for below in excess[:m]]
    v01 = [1 - below / m for below in excess[m:]]
    return auroc, statistics.variance(v10) / m + statistics.variance(v01) / n


def midranks(values: list[float]) -> list[float]:
    """The rank of each value from 1, equal values sharing the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + 1 + end) / 2
        start = end
    return ranks


def share(hits: list[bool]) -> float | None:
    """The share of hits, null of none."""
    return sum(hits) / len(hits) if hits else None


def calibration(pairs: list[tuple[float, int]]) -> dict[str, float]:
    """The Brier score and the expected calibration error.

    Brier, Monthly Weather Review 78 (1950) 1, for two classes: the mean of (score - label)^2. ECE as
    Naeini, Cooper and Hauskrecht, AAAI 2015, over the score: the sum over 10 bins of equal width of
    n_bin / N * |mean label in bin - mean score in bin|; a bin holds its lower edge, the last both.
    """
    bins: dict[int, list[tuple[float, int]]] = {}
    for score, label in pairs:
        bins.setdefault(min(int(score * N_BINS), N_BINS - 1), []).append((score, label))
    gaps = (abs(math.fsum(label - score for score, label in found)) for found in bins.values())
    return {
        "brier": math.fsum((score - label) ** 2 for score, label in pairs) / len(pairs),
        "ece": math.fsum(gaps) / len(pairs),
    }


def write_cases(path: Path, cases: list[str], pairs: list[tuple[float, int]]) -> None:
    """Write case_id, score, label: for the site's own eyes, it never leaves."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case_id", "score", "label"])
        writer.writerows([case, *pair] for case, pair in zip(cases, pairs, strict=True))


def main() -> int:
    """Run the task named on the command line; the exit status."""
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    if task != "evaluate":
        print(f"found task {task}, needed evaluate", file=sys.stderr)
        return 2
    try:
        evaluate(mounts(task))
    except Refused as refused:
        print(f"binary-metrics {task}: {refused}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
