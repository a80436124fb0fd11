"""The preparator: a hospital's export of fine-needle aspirates becomes the benchmark's tables.

Called as `main.py prepare | sanity_check | statistics`; standard library only. Ends 0 when well, 1 when
the sanity check fails, 2 when it refuses, then with one line on stderr. That line stays at the site: it
may name a column and a line of the file, and never holds what a cell holds.
"""

import csv
import io
import json
import os
import re
import statistics
import sys
from decimal import Decimal
from pathlib import Path

BASE = "/mlcommons/volumes"
PARAMETERS = {"parameters_file": f"{BASE}/parameters/parameters.yaml"}
PREPARED = {"data_path": f"{BASE}/data", "labels_path": f"{BASE}/labels"}
VOLUMES = {
    "prepare": {
        **PARAMETERS,
        "data_path": f"{BASE}/raw_data",
        "labels_path": f"{BASE}/raw_labels",
        "output_path": f"{BASE}/data",
        "output_labels_path": f"{BASE}/labels",
    },
    "sanity_check": PARAMETERS | PREPARED,
    "statistics": PARAMETERS | PREPARED | {"output_path": f"{BASE}/statistics/statistics.yaml"},
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NUMBER = {
    mark: re.compile(rf"[+-]?[0-9]{{1,30}}({re.escape(mark)}[0-9]*)?([eE][+-]?[0-9]{{1,2}})?")
    for mark in ",."
}


class Refused(Exception):
    """What was found, what was needed, what to do: one line."""


def mounts(task: str) -> dict[str, Path]:
    """Where each mount key lies: as ROUNDS_MOUNTS says, else at the contract's own paths."""
    told = os.environ.get("ROUNDS_MOUNTS")
    places = json.loads(Path(told).read_text(encoding="utf-8")) if told else VOLUMES[task]
    return {key: Path(place) for key, place in places.items()}


def prepare(paths: dict[str, Path], parameters: dict) -> None:
    """Write data.csv (case_id and the canonical columns) and labels.csv (1 malignant), by case id."""
    features, dialects = parameters["features"], parameters["dialects"]
    columns = {name: [feature[name] for feature in features] for name in dialects}
    name, rows = read_export(paths["data_path"], "data", columns, dialects)
    scales = [dialects[name]["scales"].get(feature.get("quantity"), 1) for feature in features]
    data = [
        [case, *map(repr, read_numbers(row, columns[name], scales, dialects[name]["decimal"]))]
        for case, row in sorted(rows.items())
    ]
    columns = {name: [dialect["diagnosis"]] for name, dialect in dialects.items()}
    name, rows = read_export(paths["labels_path"], "labels", columns, dialects)
    words = dialects[name]["labels"]
    labels = [[case, read_label(row, words)] for case, row in sorted(rows.items())]
    check_patients({row[0] for row in data}, {row[0] for row in labels})
    header = ["case_id", *(feature["name"] for feature in features)]
    write_table(paths["output_path"] / "data.csv", [header, *data])
    write_table(paths["output_labels_path"] / "labels.csv", [["case_id", "label"], *labels])


def read_export(folder: Path, what: str, columns: dict, dialects: dict) -> tuple[str, dict]:
    """The export's dialect, and by patient the place in the file and the cells of `columns[dialect]`."""
    text = read_text(folder, what)
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    rows = read_rows(text, what, delimiter)
    header = rows[0][1]
    wanted = {name: [dialect["case_id"], *columns[name]] for name, dialect in dialects.items()}
    name = max(wanted, key=lambda dialect: len(set(wanted[dialect]) & set(header)))
    check_header(header, wanted[name], what, name)
    if delimiter != (needed := dialects[name]["delimiter"]):
        wrong = f"found {DELIMITERS[delimiter]} as delimiter, needed {DELIMITERS[needed]}"
        raise Refused(f"{what}: {wrong} (dialect {name}); export again")
    places = [header.index(column) for column in wanted[name]]
    patients: dict[str, tuple] = {}
    for where, row in rows[1:]:
        case, *cells = (row[place] for place in places)
        if not case or case in patients:
            found = "a patient twice" if case else "no patient id"
            raise Refused(
                f"{where}: found {found}, needed one row with an id each; correct the export"
            )
        patients[case] = (where, cells)
    return name, patients


def read_text(folder: Path, what: str) -> str:
    """The text of the one CSV file in `folder`, not empty."""
    files = sorted(folder.glob("*.csv"))
    if len(files) != 1:
        raise Refused(
            f"{what}: found {len(files)} CSV files, needed 1; leave only the export there"
        )
    try:
        text = files[0].read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{what}: found text that is not UTF-8, needed UTF-8; export again") from None
    if not text.strip():
        raise Refused(f"{what}: found an empty file, needed a header and patients; export again")
    return text


def read_rows(text: str, what: str, delimiter: str = ",") -> list[tuple[str, list[str]]]:
    """Place and cells of each row, header first and all as wide as it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = [(f"{what} line {reader.line_num}", [c.strip() for c in row]) for row in reader if row]
    if len(rows) == 1:
        raise Refused(f"{what}: found a header and no patient, needed at least 1; export again")
    width = len(rows[0][1])
    for where, row in rows:
        if len(row) != width:
            wrong = f"{where}: found {len(row)} cells, needed {width} as in the header"
            raise Refused(f"{wrong}; check quotes and that the delimiter is always the same")
    return rows


def check_header(header: list[str], wanted: list[str], what: str, dialect: str) -> None:
    """Refuse a header line that the delimiter did not split, or with a column missing or twice."""
    missing = [column for column in wanted if column not in header]
    twice = [column for column in wanted if header.count(column) > 1]
    if len(missing) == len(wanted):
        needed = "needed the columns of a known dialect, split by comma, semicolon or tab"
        raise Refused(
            f"{what}: found no known column, {needed}; check the delimiter and the header"
        )
    if missing or twice:
        found = f"no column '{missing[0]}'" if missing else f"column '{twice[0]}' twice"
        raise Refused(f"{what}: found {found}, needed it once (dialect {dialect}); export again")


def read_numbers(row: tuple, columns: list[str], scales: list, mark: str) -> list[float]:
    """The canonical values, scaled in decimal arithmetic so that no digit is lost on the way."""
    where, cells = row
    for cell, column in zip(cells, columns, strict=True):
        if not NUMBER[mark].fullmatch(cell):
            needed = f"needed one with decimal {'comma' if mark == ',' else 'point'}"
            raise Refused(
                f"{where}, column '{column}': found no number, {needed}; correct the cell"
            )
    numbers = [Decimal(cell.replace(mark, ".")) for cell in cells]
    return [float(number * Decimal(str(by))) for number, by in zip(numbers, scales, strict=True)]


def read_label(row: tuple, words: dict[str, int]) -> int:
    """1 for malignant, 0 for benign."""
    where, (word,) = row
    if word not in words:
        raise Refused(
            f"{where}: found an unknown diagnosis, needed {' or '.join(words)}; correct it"
        )
    return words[word]


def check_patients(data: set[str], labels: set[str]) -> None:
    """Refuse patients with data and no label, or the reverse."""
    for extra, has, lacks in ((data - labels, "data", "label"), (labels - data, "a label", "data")):
        if extra:
            found = f"found {len(extra)} patients with {has} and no {lacks}"
            raise Refused(f"{found}, needed the same patients in both; export both from one list")


def write_table(path: Path, rows: list[list]) -> None:
    """Write rows as CSV with a comma and a line feed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def read_prepared(path: Path) -> list[list[str]]:
    """The rows of a prepared table, header first, all of one width."""
    if not path.is_file():
        raise Refused(f"found no {path.name}, needed it; prepare again")
    return [row for _, row in read_rows(path.read_text(encoding="utf-8"), path.name)]


def sanity_check(paths: dict[str, Path], parameters: dict) -> None:
    """Refuse prepared tables that are not as `prepare` leaves them, or hold an impossible number."""
    names, *data = read_prepared(paths["data_path"] / "data.csv")
    label_names, *labels = read_prepared(paths["labels_path"] / "labels.csv")
    cases = [row[0] for row in data]
    cells = [cell for row in data for cell in row[1:]]
    checks = {
        "other columns": ["case_id", *(f["name"] for f in parameters["features"])] == names,
        "other label columns": label_names == ["case_id", "label"],
        "patients twice or out of order": cases == sorted(set(cases)),
        "different patients in data and labels": cases == [row[0] for row in labels],
        "a label that is not 0 or 1": {row[-1] for row in labels} <= {"0", "1"},
        "a value that is no number or below 0": all(
            NUMBER["."].fullmatch(cell) and float(cell) >= 0 for cell in cells
        ),
    }
    for found, passed in checks.items():
        if not passed:
            raise Refused(f"found {found}, needed tables as prepare leaves them; prepare again")


def count(paths: dict[str, Path], parameters: dict) -> None:
    """Write how many cases there are, how many malignant, and a few features' mean and spread."""
    names, *data = read_prepared(paths["data_path"] / "data.csv")
    labels = [int(row[1]) for row in read_prepared(paths["labels_path"] / "labels.csv")[1:]]
    features = {}
    for name in parameters["described"]:
        values = [float(row[names.index(name)]) for row in data]
        spread = statistics.stdev(values) if len(values) > 1 else None
        features[name] = {"mean": statistics.fmean(values), "std": spread}
    document = {
        "n_cases": len(labels),
        "n_malignant": sum(labels),
        "prevalence": sum(labels) / len(labels),
        "features": features,
    }
    paths["output_path"].write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Run the task named on the command line; the exit status."""
    tasks = {"prepare": prepare, "sanity_check": sanity_check, "statistics": count}
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    if task not in tasks:
        print(f"found task {task}, needed one of {', '.join(tasks)}", file=sys.stderr)
        return 2
    paths = mounts(task)
    try:
        tasks[task](paths, json.loads(paths["parameters_file"].read_text(encoding="utf-8")))
    except (Refused, csv.Error) as error:
        print(f"wdbc-preparator {task}: {error}", file=sys.stderr)
        return 1 if task == "sanity_check" else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
