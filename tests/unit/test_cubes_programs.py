"""The shipped cubes: what each program promises, and what the preparator does with good and bad exports."""

import ast
import json
import os
import runpy
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from deployments.demo.hospitals import FEATURES, split, write_demo_dataset, write_export
from deployments.demo.train import (
    MODELS,
    fit_network,
    fit_trees,
    train_all,
    train_network,
    train_trees,
)
from rounds.cubes import read_cube
from tests.programs import (
    CUBES,
    Ended,
    infer,
    prepare,
    read_numbers,
    read_table,
    run_program,
)

NAMES = tuple(sorted(folder.name for folder in CUBES.iterdir()))
HOSPITALS = ("site-a", "site-b", "site-c")
PLANTED = "424242.4242"


def change(path: str, edit: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """An edit of the lines of one file below the export."""

    def apply(raw: Path) -> None:
        file = raw / path
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("".join(f"{line}\n" for line in edit(lines)), encoding="utf-8")

    return apply


def with_cell(line: str, place: int, cell: str) -> str:
    """The comma-separated line with one cell replaced."""
    cells = line.split(",")
    return ",".join([*cells[:place], cell, *cells[place + 1 :]])


DATA = "data/fna_export.csv"
LABELS = "labels/fna_export.csv"
BAD_EXPORTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing column": (
        change(DATA, lambda lines: [",".join(line.split(",")[:-1]) for line in lines]),
        "data: found no column 'worst fractal dimension', needed it once (dialect english)",
    ),
    "column twice": (
        change(DATA, lambda lines: [f"{line},{line.split(',')[1]}" for line in lines]),
        "data: found column 'mean radius' twice, needed it once (dialect english)",
    ),
    "a word for a number": (
        change(DATA, lambda lines: [*lines[:3], with_cell(lines[3], 2, "hoch"), *lines[4:]]),
        "data line 4, column 'mean texture': found no number, needed one with decimal point",
    ),
    "NaN": (
        change(DATA, lambda lines: [*lines[:3], with_cell(lines[3], 2, "nan"), *lines[4:]]),
        "data line 4, column 'mean texture': found no number",
    ),
    "an infinite number": (
        change(DATA, lambda lines: [*lines[:3], with_cell(lines[3], 2, "1e999"), *lines[4:]]),
        "data line 4, column 'mean texture': found no number",
    ),
    "an empty cell": (
        change(DATA, lambda lines: [*lines[:3], with_cell(lines[3], 2, ""), *lines[4:]]),
        "data line 4, column 'mean texture': found no number",
    ),
    "a patient twice": (
        change(DATA, lambda lines: [*lines, lines[1]]),
        "data line 62: found a patient twice, needed one row with an id each",
    ),
    "a patient twice in the labels": (
        change(LABELS, lambda lines: [*lines, lines[1]]),
        "labels line 62: found a patient twice, needed one row with an id each",
    ),
    "no patient id": (
        change(DATA, lambda lines: [*lines[:3], with_cell(lines[3], 0, " "), *lines[4:]]),
        "data line 4: found no patient id, needed one row with an id each",
    ),
    "an empty file": (
        change(DATA, lambda _: []),
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
        change(LABELS, lambda lines: [*lines[:3], with_cell(lines[3], 1, "maligne"), *lines[4:]]),
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
        lambda raw: (raw / "data" / "more.csv").write_text("x\n") and None,
        "data: found 2 CSV files, needed 1; leave only the export there",
    ),
    "not UTF-8": (
        lambda raw: (raw / DATA).write_bytes(b"Fl\xe4che\n1\n") and None,
        "data: found text that is not UTF-8, needed UTF-8; export again",
    ),
}

BAD_TABLES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no table": (lambda folder: (folder / "data" / "data.csv").unlink(), "found no data.csv"),
    "other columns": (
        change("data/data.csv", lambda lines: [lines[0].replace("mean_", ""), *lines[1:]]),
        "found other columns",
    ),
    "an impossible number": (
        change("data/data.csv", lambda lines: [*lines[:3], with_cell(lines[3], 2, "-1.0")]),
        "found different patients in data and labels",
    ),
    "a number below 0": (
        change(
            "data/data.csv",
            lambda lines: [*lines[:3], with_cell(lines[3], 2, "-1.0"), *lines[4:]],
        ),
        "found a value that is no number or below 0",
    ),
    "out of order": (
        change("data/data.csv", lambda lines: [lines[0], *reversed(lines[1:])]),
        "found patients twice or out of order",
    ),
    "a third label": (
        change("labels/labels.csv", lambda lines: [*lines[:3], with_cell(lines[3], 1, "2")]
               + lines[4:]),
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


class TestEveryCube:
    @pytest.mark.parametrize("name", NAMES)
    def test_finds_its_mounts_where_its_config_says(self, name: str) -> None:
        """Without ROUNDS_MOUNTS a program reads and writes at the very paths of its container_config."""
        config = read_cube(CUBES / name).config

        volumes = runpy.run_path(str(CUBES / name / "main.py"))["VOLUMES"]

        assert volumes == {
            task_name: {
                key: volume.mount_path
                for key, volume in (task.input_volumes | task.output_volumes).items()
            }
            for task_name, task in config.tasks.items()
        }

    @pytest.mark.parametrize("name", NAMES)
    def test_is_called_by_its_tasks_name(self, name: str) -> None:
        """Each task's command is its name, so one entrypoint serves every engine."""
        tasks = read_cube(CUBES / name).config.tasks

        commands = {task_name: task.run_args.command for task_name, task in tasks.items()}

        assert commands == {task_name: task_name for task_name in tasks}

    @pytest.mark.parametrize("name", NAMES)
    def test_needs_the_standard_library_alone(self, name: str) -> None:
        """A program imports nothing that a bare Python image lacks."""
        tree = ast.parse((CUBES / name / "main.py").read_text(encoding="utf-8"))

        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]

        modules = {alias.name for node in imports for alias in node.names}
        modules |= {str(node.module) for node in froms}
        assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names

    @pytest.mark.parametrize("name", NAMES)
    def test_refuses_an_unknown_task(self, tmp_path: Path, name: str) -> None:
        """A task that a cube does not have ends with status 2 and the tasks that it has."""
        ended = run_program(name, "dance", {}, tmp_path)

        assert ended.exit_code == 2
        assert ended.said.startswith("found task dance, needed ")


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
        spoil = change(DATA, lambda lines: [*lines, with_cell(lines[1], 3, f"{PLANTED}x")])
        spoil(tmp_path / "raw")

        ended = prepare(tmp_path / "raw", tmp_path / "prepared")

        patient = split()["development"].ids[0]
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


class TestModels:
    def test_walks_trees_as_scikit_learn_does(self, tmp_path: Path) -> None:
        """The trees in plain Python give the probabilities of the classifier that they were taken from."""
        cases = split()["site-a"]
        write_model(train_trees(split()["development"]), tmp_path / "model")

        scores = score("boosted-trees", tmp_path)

        expected = fit_trees(split()["development"]).predict_proba(cases.features)[:, 1]
        assert [scores[case_id] for case_id in cases.ids] == pytest.approx(expected.tolist())

    def test_feeds_a_network_as_scikit_learn_does(self, tmp_path: Path) -> None:
        """The network in plain Python gives the probabilities of the classifier that it was taken from."""
        cases = split()["site-a"]
        write_model(train_network(split()["development"]), tmp_path / "model")

        scores = score("small-network", tmp_path)

        scaler, network = fit_network(split()["development"])
        expected = network.predict_proba(scaler.transform(cases.features))[:, 1]
        assert [scores[case_id] for case_id in cases.ids] == pytest.approx(expected.tolist())
