"""The demo's hospitals: who lies where, and how each writes its export."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

from deployments.demo.hospitals import (
    DIALECTS,
    FEATURES,
    N_DEMO,
    split,
    write_demo_dataset,
    write_export,
)

HOSPITALS = ("site-a", "site-b", "site-c")


def read_export(folder: Path, site: str) -> list[list[str]]:
    """The rows of the one file of an export's folder, in the site's dialect."""
    (path,) = folder.iterdir()
    dialect = DIALECTS[site]
    with path.open(encoding=dialect.encoding, newline="") as file:
        return list(csv.reader(file, delimiter=dialect.delimiter))


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Every file's content by its name below `folder`."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class TestSplit:
    def test_puts_every_patient_in_one_part(self) -> None:
        """The four parts together are the whole data, nobody twice, each with their own values."""
        bunch = load_breast_cancer()

        parts = split().values()

        rows = np.concatenate([np.column_stack([part.labels, part.features]) for part in parts])
        whole = np.column_stack([bunch.target == 0, bunch.data])
        assert sorted(rows.tolist()) == sorted(whole.tolist())

    def test_gives_each_patient_an_id_of_their_own(self) -> None:
        """No patient id is used twice, not even at two hospitals."""
        parts = split().values()

        ids = [case_id for part in parts for case_id in part.ids]

        assert len(ids) == len(set(ids)) == 569

    def test_is_the_same_everywhere(self) -> None:
        """The split follows from the committed seed alone: results of another day can be compared."""
        ids = [case_id for part in split().values() for case_id in part.ids]

        digest = hashlib.sha256("\n".join(ids).encode()).hexdigest()

        assert digest.startswith("b37f6fae1ab0225a")

    @pytest.mark.parametrize("site", HOSPITALS)
    def test_gives_each_hospital_enough_of_both_classes(self, site: str) -> None:
        """A hospital has at least 90 patients and 25 of each class, so that every metric has a value."""
        cases = split()[site]

        n_malignant = int(cases.labels.sum())

        assert len(cases.ids) >= 90
        assert min(n_malignant, len(cases.ids) - n_malignant) >= 25

    def test_gives_hospitals_another_case_mix(self) -> None:
        """Prevalence differs by more than 10 percentage points between any two hospitals."""
        parts = split()

        prevalences = sorted(float(parts[site].labels.mean()) for site in HOSPITALS)

        assert min(np.diff(prevalences)) > 0.1

    def test_names_features_as_the_source_does(self) -> None:
        """The canonical columns are scikit-learn's names, in its order."""
        names = load_breast_cancer().feature_names

        canonical = [name.replace(" ", "_") for name in names]

        assert canonical == list(FEATURES)

    def test_shows_no_value_of_a_patient(self) -> None:
        """A part's repr holds neither measurements nor diagnoses."""
        cases = split()["site-a"]

        shown = repr(cases)

        assert "features" not in shown
        assert "labels" not in shown


class TestWriteExport:
    @pytest.mark.parametrize("site", HOSPITALS)
    def test_writes_a_row_for_each_patient(self, tmp_path: Path, site: str) -> None:
        """Data and labels are two folders of one file, both with the hospital's patients in order."""
        write_export(site, tmp_path)

        data = read_export(tmp_path / "data", site)
        labels = read_export(tmp_path / "labels", site)

        ids = [DIALECTS[site].case_id, *split()[site].ids]
        assert [row[0] for row in data] == ids
        assert [row[0] for row in labels] == ids

    def test_writes_three_dialects(self, tmp_path: Path) -> None:
        """No header, delimiter or word for a diagnosis is shared, and none would do for another site."""
        for site in HOSPITALS:
            write_export(site, tmp_path / site)

        headers = [set(read_export(tmp_path / site / "data", site)[0]) for site in HOSPITALS]

        assert not set.union(*headers[:2]) & headers[2]
        assert not headers[0] & headers[1]
        assert len({DIALECTS[site].delimiter for site in HOSPITALS}) == 3
        assert len({word for site in HOSPITALS for word in DIALECTS[site].words}) == 6

    def test_writes_a_decimal_comma_and_nanometres_at_site_b(self, tmp_path: Path) -> None:
        """Site-b's lengths are a thousand times the canonical ones, no digit lost."""
        write_export("site-b", tmp_path)

        first = read_export(tmp_path / "data", "site-b")[1]

        radius = split()["site-b"].features[0, 0]
        assert first[1] == "20180,00"
        assert radius == 20.18

    @pytest.mark.parametrize("site", HOSPITALS)
    def test_writes_the_same_bytes_again(self, tmp_path: Path, site: str) -> None:
        """A second export over the first changes nothing, so that its digest stays."""
        write_export(site, tmp_path)
        before = file_bytes(tmp_path)

        write_export(site, tmp_path)

        assert file_bytes(tmp_path) == before

    def test_refuses_an_unknown_hospital(self, tmp_path: Path) -> None:
        """There is no fourth hospital."""
        with pytest.raises(KeyError, match="site-d"):
            write_export("site-d", tmp_path)


class TestWriteDemoDataset:
    def test_takes_patients_of_the_development_part(self, tmp_path: Path) -> None:
        """The public demo data holds no hospital's patient, and both classes."""
        write_demo_dataset(tmp_path)

        data = read_export(tmp_path / "data", "site-a")
        labels = read_export(tmp_path / "labels", "site-a")

        assert {row[0] for row in data[1:]} <= set(split()["development"].ids)
        assert len(data) == len(labels) == N_DEMO + 1
        assert {row[1] for row in labels[1:]} == {"M", "B"}
