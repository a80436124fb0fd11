"""The demo's patients: real measurements, split by patient into a development part and three hospitals.

The data is Wisconsin Diagnostic Breast Cancer (Street, Wolberg and Mangasarian 1993), bundled with
scikit-learn: 569 fine-needle aspirates, one a patient, 30 features each. Who belongs where follows from
a hash of the seed and the row, so it is the same on every machine and with every library version.
Hospitals differ in size and in prevalence, and each exports in its own dialect. Patient ids are made up.
"""

import csv
import hashlib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer

SEED = 2026
MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave_points",
    "symmetry",
    "fractal_dimension",
)
STATISTICS = ("mean_{}", "{}_error", "worst_{}")
FEATURES = tuple(statistic.format(name) for statistic in STATISTICS for name in MEASURES)
LENGTHS = ("radius", "perimeter")
N_DEMO = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """One part of the split, a row a patient.

    Attributes:
        ids: Made-up patient ids, unique, in the order of the rows.
        features: Shape (n, 30), f64, columns as in `FEATURES`. Lengths in micrometres, areas in square
            micrometres, texture in grey levels, all else without unit.
        labels: Shape (n,), i64, 1 is malignant and 0 benign.
    """

    ids: tuple[str, ...]
    features: NDArray[np.float64] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How many patients of each class a part of the split gets, and how its patient ids begin."""

    n_malignant: int
    n_benign: int
    id_prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one hospital writes its export.

    `measures` put into `statistics` make its headers; `length_factor` and `area_factor` take a
    canonical value to the hospital's unit; `remarks` fill the `remark` column in turn.
    """

    delimiter: str
    decimal: str
    encoding: str
    file_name: str
    case_id: str
    diagnosis: str
    words: tuple[str, str]
    measures: tuple[str, ...]
    statistics: tuple[str, str, str]
    length_factor: Decimal = Decimal(1)
    area_factor: Decimal = Decimal(1)
    remark: str | None = None
    remarks: tuple[str, ...] = ("",)


PARTS = {
    "development": Part(n_malignant=56, n_benign=94, id_prefix="D-"),
    "site-a": Part(n_malignant=48, n_benign=142, id_prefix="A-"),
    "site-b": Part(n_malignant=71, n_benign=59, id_prefix="PAT/B/"),
    "site-c": Part(n_malignant=37, n_benign=62, id_prefix="C0"),
}

DIALECTS = {
    "site-a": Dialect(
        delimiter=",",
        decimal=".",
        encoding="utf-8",
        file_name="fna_export.csv",
        case_id="patient_id",
        diagnosis="diagnosis",
        words=("B", "M"),
        measures=tuple(measure.replace("_", " ") for measure in MEASURES),
        statistics=("mean {}", "{} error", "worst {}"),
    ),
    "site-b": Dialect(
        delimiter=";",
        decimal=",",
        encoding="utf-8-sig",
        file_name="Export_Zytologie.csv",
        case_id="Patientennummer",
        diagnosis="Befund",
        words=("gutartig", "bösartig"),
        measures=(
            "Radius",
            "Textur",
            "Umfang",
            "Fläche",
            "Glätte",
            "Kompaktheit",
            "Konkavität",
            "Konkave Punkte",
            "Symmetrie",
            "Fraktale Dimension",
        ),
        statistics=("{} (Mittelwert)", "{} (Standardfehler)", "{} (Maximum)"),
        length_factor=Decimal(1000),
        area_factor=Decimal(1_000_000),
        remark="Bemerkung",
        remarks=("", "o. B.", "Punktion wiederholt; Material ausreichend", 'laut Arzt "unklar"'),
    ),
    "site-c": Dialect(
        delimiter="\t",
        decimal=".",
        encoding="utf-8",
        file_name="fna.csv",
        case_id="PID",
        diagnosis="DX",
        words=("0", "1"),
        measures=("RAD", "TEX", "PER", "ARE", "SMO", "CPT", "CCV", "CCP", "SYM", "FRD"),
        statistics=("{}_M", "{}_SE", "{}_W"),
        length_factor=Decimal(10),
        remark="SCANNER",
        remarks=("S1", "S2"),
    ),
}


def split() -> dict[str, Cases]:
    """The four parts by name: development, site-a, site-b, site-c. No patient is in two of them."""
    bunch = load_breast_cancer()
    features = np.asarray(bunch.data, dtype=np.float64)
    malignant = np.asarray(bunch.target == 0, dtype=np.int64)
    order = sorted(range(len(malignant)), key=_hash)
    queues = {label: [row for row in order if malignant[row] == label] for label in (0, 1)}
    parts = {}
    for name, part in PARTS.items():
        rows = _take(queues[1], part.n_malignant) + _take(queues[0], part.n_benign)
        rows.sort(key=_hash)
        ids = tuple(f"{part.id_prefix}{100_000 + _hash(row) % 900_000}" for row in rows)
        parts[name] = Cases(ids=ids, features=features[rows], labels=malignant[rows])
    return parts


def write_export(site: str, folder: Path) -> None:
    """Write a hospital's raw export, one file in each of `folder`/data and `folder`/labels.

    What lies there under the same names is replaced; the bytes are the same on every run.

    Raises:
        KeyError: There is no hospital of that name.
    """
    _write_cases(split()[site], DIALECTS[site], folder)


def write_demo_dataset(folder: Path) -> None:
    """Write the benchmark's public demo data: 60 development patients in site-a's dialect.

    The models have seen these patients in training, so it tests that cubes fit together and says
    nothing about how good a model is.
    """
    development = split()["development"]
    demo = Cases(
        ids=development.ids[:N_DEMO],
        features=development.features[:N_DEMO],
        labels=development.labels[:N_DEMO],
    )
    _write_cases(demo, DIALECTS["site-a"], folder)


def headers(dialect: Dialect) -> list[str]:
    """The dialect's 30 column names, in the order of `FEATURES`."""
    return [
        statistic.format(measure)
        for statistic in dialect.statistics
        for measure in dialect.measures
    ]


def _hash(row: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{SEED}:{row}".encode()).digest()[:8], "big")


def _take(queue: list[int], count: int) -> list[int]:
    taken, queue[:] = queue[:count], queue[count:]
    return taken


def _write_cases(cases: Cases, dialect: Dialect, folder: Path) -> None:
    measured = [dialect.case_id, *headers(dialect)]
    rows = [
        [case_id, *_cells(values, dialect)]
        for case_id, values in zip(cases.ids, cases.features.tolist(), strict=True)
    ]
    if dialect.remark is not None:
        measured.append(dialect.remark)
        for number, row in enumerate(rows):
            row.append(dialect.remarks[number % len(dialect.remarks)])
    diagnoses = [
        [case_id, dialect.words[label]]
        for case_id, label in zip(cases.ids, cases.labels.tolist(), strict=True)
    ]
    _write_table(folder / "data", [measured, *rows], dialect)
    _write_table(folder / "labels", [[dialect.case_id, dialect.diagnosis], *diagnoses], dialect)


def _cells(values: list[float], dialect: Dialect) -> list[str]:
    measures = MEASURES * len(STATISTICS)
    return [_cell(value, name, dialect) for name, value in zip(measures, values, strict=True)]


def _cell(value: float, measure: str, dialect: Dialect) -> str:
    exact = Decimal(repr(value))
    if measure in LENGTHS:
        exact *= dialect.length_factor
    elif measure == "area":
        exact *= dialect.area_factor
    return f"{exact:f}".replace(".", dialect.decimal)


def _write_table(folder: Path, rows: list[list[str]], dialect: Dialect) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / dialect.file_name
    with path.open("w", encoding=dialect.encoding, newline="") as file:
        csv.writer(file, delimiter=dialect.delimiter).writerows(rows)
