"""Data that was prepared elsewhere is linked, checked and never copied."""

import errno
import os
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import catalogue, stages
from rounds.adoption import adopt_prepared, need_registered_form
from rounds.artifacts import RawDataset
from rounds.calls import RunContext
from rounds.errors import IntegrityError, SpecError
from rounds.records.datasets import Dataset
from tests.unit.builders import write_tree
from tests.unit.little_site import make_context, make_cube, make_raw, play_model, play_preparator

PREPARATOR = make_cube(CubeKind.PREPARATOR)


def elsewhere(root: Path, *, as_prepared: bool = True) -> tuple[RawDataset, RunContext]:
    """Dataset 4, which came in the benchmark's form, at a site whose preparator only checks and counts."""
    context = make_context(root, {"preparator": play_preparator, "model": play_model})
    make_raw(root, context.workspace)
    data, labels = root / "raw" / "data", root / "raw" / "labels"
    (data / "export.csv").rename(data / "cases.csv")
    entry = catalogue.find_entry(context.workspace, 4).model_copy(
        update={"as_prepared": as_prepared, "digest": catalogue.digest_raw(data, labels)}
    )
    catalogue.enter(context.workspace, entry)
    return catalogue.find_raw(context.workspace, 4), context


def make_dataset(*, submitted_as_prepared: bool) -> Dataset:
    """Dataset 4 as the registry has it."""
    return Dataset(
        id=4,
        name="d",
        location="l",
        site="site-a",
        benchmark_id=3,
        preparator_id=1,
        organisation_id=1,
        raw_digest="0" * 64,
        submitted_as_prepared=submitted_as_prepared,
        revision=1,
        is_valid=True,
    )


class TestAdopted:
    def test_is_linked_and_not_copied(self, tmp_path: Path) -> None:
        """The published file is the original by another name; no preparator runs for it."""
        raw, context = elsewhere(tmp_path)

        prepared = stages.prepare(raw, PREPARATOR, context)

        files = context.workspace.files("prepare", prepared)
        original = tmp_path / "raw" / "data" / "cases.csv"
        assert (files / "data" / "cases.csv").samefile(original)
        assert (files / "labels" / "export.csv").exists()
        assert not (context.workspace.root / "logs").exists()

    def test_is_checked_counted_and_judged(self, tmp_path: Path) -> None:
        """Check, statistics and models take it as they take what was prepared here."""
        raw, context = elsewhere(tmp_path)
        prepared = stages.prepare(raw, PREPARATOR, context)

        stages.sanity_check(prepared, PREPARATOR, context)
        counted = stages.statistics(prepared, PREPARATOR, context)
        said = stages.infer(prepared, make_cube(CubeKind.MODEL), context, model_id=5)

        assert (counted.dataset_id, said.model_id) == (4, 5)

    def test_is_refused_once_the_original_changed(self, tmp_path: Path) -> None:
        """Who writes into the original changes what was adopted, and that is found before it is used."""
        raw, context = elsewhere(tmp_path)
        stages.prepare(raw, PREPARATOR, context)
        (tmp_path / "raw" / "data" / "cases.csv").write_text("p1,9\n")

        with pytest.raises(IntegrityError, match="differ from their manifest"):
            stages.prepare(raw, PREPARATOR, context)

    def test_is_not_taken_for_what_the_cube_made(self, tmp_path: Path) -> None:
        """The same export, adopted and prepared, is published under two keys."""
        raw, context = elsewhere(tmp_path)
        adopted = stages.prepare(raw, PREPARATOR, context)
        entry = catalogue.find_entry(context.workspace, 4)
        catalogue.enter(context.workspace, entry.model_copy(update={"as_prepared": False}))
        (tmp_path / "raw" / "data" / "export.csv").write_text("p1,7\n")

        prepared = stages.prepare(raw, PREPARATOR, context)

        assert prepared.key != adopted.key

    def test_takes_no_links(self, tmp_path: Path) -> None:
        """A link among the data could point anywhere."""
        raw, context = elsewhere(tmp_path)
        (tmp_path / "raw" / "labels" / "link").symlink_to("/etc/passwd")

        with pytest.raises(IntegrityError, match="found a link or a special file"):
            stages.prepare(raw, PREPARATOR, context)

    def test_does_not_copy_from_another_disk(self, tmp_path: Path) -> None:
        """Where no link can be made the site is told to move the data, and nothing is copied."""
        other = Path("/dev/shm")  # noqa: S108  another disk than that of the tests, if it is one
        if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("this machine has one disk only")
        there = write_tree(other / f"rounds-{os.getpid()}", {"d/a": b"1", "l/a": b"2"})
        entry = catalogue.Entry(
            dataset_id=4,
            benchmark_id=3,
            digest="0" * 64,
            data_path=there / "d",
            labels_path=there / "l",
        )
        try:
            with pytest.raises(SpecError, match="on the disk of the workspace") as caught:
                adopt_prepared(entry, tmp_path)
        finally:
            for name in ("d/a", "l/a"):
                (there / name).unlink()
            for name in ("d", "l", ""):
                (there / name).rmdir()

        assert os.strerror(errno.EXDEV) in caught.value.detail
        assert str(there) not in caught.value.summary


class TestRegisteredForm:
    @pytest.mark.parametrize("form", [True, False])
    def test_is_that_of_the_catalogue(self, form: bool, tmp_path: Path) -> None:  # noqa: FBT001  the flag itself
        """What the benchmark's people were told of a dataset is what the site makes of it, or nothing is made."""
        _, context = elsewhere(tmp_path, as_prepared=form)
        entry = catalogue.find_entry(context.workspace, 4)

        need_registered_form(entry, make_dataset(submitted_as_prepared=form))

        with pytest.raises(IntegrityError, match="this site's catalogue has dataset 4 as"):
            need_registered_form(entry, make_dataset(submitted_as_prepared=not form))
