"""A preparator: a hospital's export becomes the benchmark's tables.

Called as `main.py prepare | sanity_check | statistics`; standard library only. It runs without network, on
a read-only root, as a user other than root: write to the outputs and to /tmp, nowhere else. What it prints
stays at the site; even so, never print what a cell holds.
"""

import csv
import json
import statistics
import sys
from pathlib import Path

BASE = Path("/mlcommons/volumes")
RAW_DATA, RAW_LABELS = BASE / "raw_data", BASE / "raw_labels"
DATA, LABELS = BASE / "data", BASE / "labels"
PARAMETERS = BASE / "parameters/parameters.yaml"
STATISTICS = BASE / "statistics/statistics.yaml"


class Refused(Exception):
    """What was found, what was needed: one line that names no patient."""


def prepare(raw_data: Path, raw_labels: Path, data: Path, labels: Path, names: dict) -> None:
    """Write data.csv (case_id, temperature) and labels.csv (case_id, label 0 or 1), by case."""
    temperatures = read_column(raw_data / "export.csv", names["case_id"], names["temperature"])
    words = read_column(raw_labels / "export.csv", names["case_id"], names["label"])
    if temperatures.keys() != words.keys():
        raise Refused("found other patients in data than in labels, needed the same")
    if unknown := set(words.values()) - set(names["labels"]):
        raise Refused(
            f"found {len(unknown)} unknown words for the label, needed those of the parameters"
        )
    numbers = {case: read_number(text) for case, text in temperatures.items()}
    write_table(data / "data.csv", "temperature", numbers)
    write_table(
        labels / "labels.csv", "label", {case: names["labels"][words[case]] for case in words}
    )


def sanity_check(data: Path, labels: Path, names: dict) -> None:
    """Refuse tables of different patients, or with a temperature that no body has."""
    temperatures = read_column(data / "data.csv", "case_id", "temperature")
    if temperatures.keys() != read_column(labels / "labels.csv", "case_id", "label").keys():
        raise Refused("found other patients in data than in labels, needed the same")
    lowest, highest = names["lowest"], names["highest"]
    if not all(lowest <= float(text) <= highest for text in temperatures.values()):
        raise Refused(f"found a temperature out of range, needed {lowest} to {highest}")


def count(data: Path, labels: Path, output: Path) -> None:
    """Write how many cases there are, how many positive, and the mean temperature."""
    temperatures = read_column(data / "data.csv", "case_id", "temperature")
    found = read_column(labels / "labels.csv", "case_id", "label")
    document = {
        "n_cases": len(found),
        "n_positive": sum(map(int, found.values())),
        "mean_temperature": statistics.fmean(map(float, temperatures.values())),
    }
    output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_column(path: Path, key: str, column: str) -> dict[str, str]:
    """A column's cells by those of the column `key`, each of which is there once."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not {key, column} <= set(reader.fieldnames or ()):
            raise Refused(f"found no column {key} or {column} in {path.name}, needed both")
        rows = list(reader)
    cells = {row[key]: row[column] for row in rows}
    if not rows or len(cells) < len(rows):
        raise Refused(f"found no patient, or one twice, in {path.name}; needed one row each")
    return cells


def read_number(text: str) -> float:
    """The number of a cell; what else it holds is not repeated."""
    try:
        return float(text)
    except ValueError:
        raise Refused("found a temperature that is no number, needed one with a point") from None


def write_table(path: Path, column: str, cells: dict[str, float]) -> None:
    """Write case_id and a column, by case."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([["case_id", column], *sorted(cells.items())])


def main() -> int:
    """Run the task that the command line names; the exit status, 0 when well."""
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    try:
        if task == "prepare":
            prepare(RAW_DATA, RAW_LABELS, DATA, LABELS, json.loads(PARAMETERS.read_text("utf-8")))
        elif task == "sanity_check":
            sanity_check(DATA, LABELS, json.loads(PARAMETERS.read_text("utf-8")))
        elif task == "statistics":
            count(DATA, LABELS, STATISTICS)
        else:
            raise Refused(f"found task {task}, needed prepare, sanity_check or statistics")
    except Refused as refused:
        print(f"my-preparator {task}: {refused}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
