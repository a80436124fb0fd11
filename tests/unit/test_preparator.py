"""The preparator's program: exports of three dialects, and every bad one with its line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deployments.demo.hospitals import FEATURES, split, write_demo_dataset, write_export
from tests.programs import Ended, prepare, read_table, run_program

HOSPITALS = ("site-a", "site-b", "site-c")
PLANTED = "424242.4242"
DATA = "data/fna_export.csv"
LABELS = "labels/fna_export.csv"
Edit = Callable[[Path], None]


def change(path: str, edit: Callable[[list[str]], list[str]]) -> Edit:
    """An edit of all lines of one file."""

    def apply(folder: Path) -> None:
        lines = (folder / path).read_text(encoding="utf-8").splitlines()
        text = "".join(f"{line}\n" for line in edit(lines))
        (folder / path).write_text(text, encoding="utf-8")

    return apply


def set_cell(path: str, place: int, cell: str) -> Edit:
    """An edit of one cell of the fourth line."""

    def edit(lines: list[str]) -> list[str]:
        cells = lines[3].split(",")
        cells[place] = cell
        return [*lines[:3], ",".join(cells), *lines[4:]]

    return change(path, edit)


def write_bytes(path: str, content: bytes) -> Edit:
    """A file of the given bytes, in place of what had that name."""

    def apply(folder: Path) -> None:
        (folder / path).write_bytes(content)

    return apply


NO_NUMBER = "data line 4, column 'mean texture': found no number, needed one with decimal point"
BAD_EXPORTS: dict[str, tuple[Edit, str]] = {
    "missing column": (
        change(DATA, lambda lines: [line.rpartition(",")[0] for line in lines]),
        "data: found no column 'worst fractal dimension', needed it once (dialect english)",
    ),
    "column twice": (
        change(DATA, lambda lines: [f"{line},{line.split(',')[1]}" for line in lines]),
        "data: found column 'mean radius' twice, needed it once (dialect english)",
    ),
    "a word": (set_cell(DATA, 2, "hoch"), NO_NUMBER),
    "a decimal comma": (set_cell(DATA, 2, '"17,5"'), NO_NUMBER),
    "NaN": (set_cell(DATA, 2, "nan"), NO_NUMBER),
    "infinity": (set_cell(DATA, 2, "1e999"), NO_NUMBER),
    "an empty cell": (set_cell(DATA, 2, ""), NO_NUMBER),
    "a patient twice": (
        change(DATA, lambda lines: [*lines, lines[1]]),
        "data line 62: found a patient twice, needed one row with an id each; correct the export",
    ),
    "a patient twice in the labels": (
        change(LABELS, lambda lines: [*lines, lines[1]]),
        "labels line 62: found a patient twice, needed one row with an id each",
    ),
    "no patient id": (set_cell(DATA, 0, " "), "data line 4: found no patient id, needed one row"),
    "an empty file": (
        write_bytes(DATA, b""),
        "data: found an empty file, needed a header and patients; export again",
    ),
    "a header alone": (
        change(DATA, lambda lines: lines[:1]),
        "data: found a header and no patient, needed at least 1; export again",
    ),
    "another delimiter": (
        change(DATA, lambda lines: [line.replace(",", ";") for line in lines]),
        "data: found semicolon as delimiter, needed comma (dialect english); export again",
    ),
    "another delimiter below the header": (
        change(DATA, lambda lines: [lines[0], *(line.replace(",", ";") for line in lines[1:])]),
        "data line 2: found 1 cells, needed 31 as in the header; check quotes",
    ),
    "an unknown delimiter": (
        change(DATA, lambda lines: [line.replace(",", "~") for line in lines]),
        "data: found no known column, needed the columns of a known dialect",
    ),
    "an unknown diagnosis": (
        set_cell(LABELS, 1, "maligne"),
        "labels line 4: found an unknown diagnosis, needed B or M; correct it",
    ),
    "a label without data": (
        change(DATA, lambda lines: lines[:-1]),
        "found 1 patients with a label and no data, needed the same patients in both",
    ),
    "data without a label": (
        change(LABELS, lambda lines: lines[:-2]),
        "found 2 patients with data and no label, needed the same patients in both",
    ),
    "two files": (
        write_bytes("data/more.csv", b"x\n"),
        "data: found 2 CSV files, needed 1; leave only the export there",
    ),
    "another encoding": (
        write_bytes(DATA, b"Fl\xe4che\n1\n"),
        "data: found text that is not UTF-8, needed UTF-8; export again",
    ),
}

BAD_TABLES: dict[str, tuple[Edit, str]] = {
    "no table": (lambda folder: (folder / "data" / "data.csv").unlink(), "found no data.csv"),
    "other columns": (
        change("data/data.csv", lambda lines: [lines[0].replace("mean_", ""), *lines[1:]]),
        "found other columns",
    ),
    "fewer patients in the data": (
        change("data/data.csv", lambda lines: lines[:-1]),
        "found different patients in data and labels",
    ),
    "a number below 0": (
        set_cell("data/data.csv", 2, "-1.0"),
        "found a value that is no number or below 0",
    ),
    "out of order": (
        change("data/data.csv", lambda lines: [lines[0], *reversed(lines[1:])]),
        "found patients twice or out of order",
    ),
    "a third label": (
        set_cell("labels/labels.csv", 1, "2"),
        "found a label that is not 0 or 1",
    ),
}


def prepared(tmp_path: Path, site: str = "site-a") -> Path:
    """A hospital's data, prepared."""
    write_export(site, tmp_path / "raw")
    assert prepare(tmp_path / "raw", tmp_path / "prepared").exit_code == 0
    return tmp_path / "prepared"


def check(folder: Path) -> Ended:
    """The preparator's sanity check of a prepared folder."""
    paths = {"data_path": folder / "data", "labels_path": folder / "labels"}
    return run_program("wdbc-preparator", "sanity_check", paths, folder / "scratch")


class TestPrepare:
    @pytest.mark.parametrize("site", HOSPITALS)
    def test_undoes_every_dialect(self, tmp_path: Path, site: str) -> None:
        """Whatever a hospital's headers, units and decimals, the prepared values are the original numbers."""
        folder = prepared(tmp_path, site)

        header, *rows = read_table(folder / "data" / "data.csv")

        cases = split()[site]
        original = dict(zip(cases.ids, cases.features.tolist(), strict=True))
        assert header == ["case_id", *FEATURES]
        assert {row[0]: [float(cell) for cell in row[1:]] for row in rows} == original
        assert [row[0] for row in rows] == sorted(original)

    @pytest.mark.parametrize("site", HOSPITALS)
    def test_reads_every_word_for_a_diagnosis(self, tmp_path: Path, site: str) -> None:
        """Whatever a hospital calls it, 1 is malignant, by case id."""
        folder = prepared(tmp_path, site)

        header, *rows = read_table(folder / "labels" / "labels.csv")

        cases = split()[site]
        original = zip(cases.ids, cases.labels.tolist(), strict=True)
        assert header == ["case_id", "label"]
        assert rows == sorted([case_id, str(label)] for case_id, label in original)

    @pytest.mark.parametrize("fault", BAD_EXPORTS)
    def test_refuses_a_bad_export(self, tmp_path: Path, fault: str) -> None:
        """A bad export ends with status 2 and one line that says what to do; nothing is written."""
        spoil, message = BAD_EXPORTS[fault]
        write_demo_dataset(tmp_path / "raw")
        spoil(tmp_path / "raw")

        ended = prepare(tmp_path / "raw", tmp_path / "prepared")

        assert ended.exit_code == 2
        assert ended.said.startswith(f"wdbc-preparator prepare: {message}")
        assert ended.said.count("\n") == 1
        assert not list((tmp_path / "prepared" / "data").iterdir())
        assert not list((tmp_path / "prepared" / "labels").iterdir())

    def test_never_says_what_a_cell_holds(self, tmp_path: Path) -> None:
        """The line that refuses a cell names its place and not its content."""
        write_demo_dataset(tmp_path / "raw")
        set_cell(DATA, 3, f"{PLANTED}x")(tmp_path / "raw")

        ended = prepare(tmp_path / "raw", tmp_path / "prepared")

        patient = split()["development"].ids[2]
        assert ended.exit_code == 2
        assert PLANTED not in ended.said
        assert patient not in ended.said


class TestSanityCheck:
    def test_passes_what_was_prepared(self, tmp_path: Path) -> None:
        """Prepared tables pass as they are."""
        folder = prepared(tmp_path, "site-b")

        ended = check(folder)

        assert ended == Ended(exit_code=0, said="")

    @pytest.mark.parametrize("fault", BAD_TABLES)
    def test_fails_what_was_changed_since(self, tmp_path: Path, fault: str) -> None:
        """Tables in another form than prepare's end with status 1 and one line."""
        spoil, message = BAD_TABLES[fault]
        folder = prepared(tmp_path)
        spoil(folder)

        ended = check(folder)

        assert ended.exit_code == 1
        assert ended.said.startswith(f"wdbc-preparator sanity_check: {message}")
        assert ended.said.count("\n") == 1


class TestStatistics:
    def test_counts_the_cases(self, tmp_path: Path) -> None:
        """Statistics hold the counts, the prevalence, and mean and spread of a few features."""
        folder = prepared(tmp_path, "site-c")
        output = folder / "statistics.yaml"
        paths = {"data_path": folder / "data", "labels_path": folder / "labels"}

        ended = run_program(
            "wdbc-preparator", "statistics", paths | {"output_path": output}, folder / "scratch"
        )

        document = json.loads(output.read_text(encoding="utf-8"))
        radius = split()["site-c"].features[:, 0]
        assert ended.exit_code == 0
        assert document["n_cases"] == 99
        assert document["n_malignant"] == 37
        assert document["prevalence"] == pytest.approx(37 / 99)
        assert document["features"]["mean_radius"]["mean"] == pytest.approx(radius.mean())
        assert document["features"]["mean_radius"]["std"] == pytest.approx(radius.std(ddof=1))
