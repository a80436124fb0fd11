"""A dataset goes into a file and comes back whole, or not at all."""

import os
from pathlib import Path

import pytest

from rounds import catalogue, stages
from rounds.digests import keyed
from rounds.errors import IntegrityError, NotFound, SpecError
from rounds.records.cubes import State
from rounds.sites import Site
from rounds.transfer.exporting import export_dataset
from rounds.transfer.importing import import_dataset
from tests.unit.little_site import make_context
from tests.unit.transfer_sites import PREPARATOR, know, new_site, old_site

DEVELOPMENT, OPERATION = State.DEVELOPMENT, State.OPERATION


def exported(root: Path, state: State) -> tuple[Site, Path]:
    """The old site, and the file of its dataset."""
    old, _ = old_site(root / "old", state)
    export_dataset(old, 4, root / "four.tar")
    return old, root / "four.tar"


def restore(site: Site, file: Path) -> catalogue.Entry:
    """Raw data restored beside the archive."""
    return import_dataset(site, file, data=file.parent / "d", labels=file.parent / "l")


class TestExport:
    def test_is_for_the_owner_alone(self, tmp_path: Path) -> None:
        """The file is of mode 0600 whatever the umask says, and no part stays beside it."""
        _, file = exported(tmp_path, DEVELOPMENT)

        assert file.stat().st_mode & 0o777 == 0o600
        assert {path.name for path in tmp_path.iterdir()} == {"old", "four.tar"}

    @pytest.mark.parametrize("state", [DEVELOPMENT, OPERATION])
    def test_is_the_same_bytes_again(self, tmp_path: Path, state: State) -> None:
        """The same dataset in the same state is the same file."""
        old, file = exported(tmp_path, state)

        export_dataset(old, 4, tmp_path / "again.tar")

        assert (tmp_path / "again.tar").read_bytes() == file.read_bytes()

    def test_overwrites_nothing(self, tmp_path: Path) -> None:
        """A file of that name is left alone."""
        old, file = exported(tmp_path, DEVELOPMENT)
        before = file.read_bytes()

        with pytest.raises(SpecError, match="needed a new one"):
            export_dataset(old, 4, file)

        assert file.read_bytes() == before

    def test_does_not_write_among_the_data(self, tmp_path: Path) -> None:
        """A file among the raw data would change its digest."""
        old, _ = old_site(tmp_path, DEVELOPMENT)

        with pytest.raises(SpecError, match="among the site's own files"):
            export_dataset(old, 4, tmp_path / "raw" / "data" / "four.tar")

    def test_refuses_changed_raw_data(self, tmp_path: Path) -> None:
        """What is not what was registered is not exported as that."""
        old, _ = old_site(tmp_path, DEVELOPMENT)
        (tmp_path / "raw" / "data" / "export.csv").write_text("p1,8\n")

        with pytest.raises(IntegrityError, match="differs from what was registered"):
            export_dataset(old, 4, tmp_path / "four.tar")

        assert not (tmp_path / "four.tar").exists()

    def test_refuses_other_prepared_data(self, tmp_path: Path) -> None:
        """Prepared data of another digest than the registered one is not exported."""
        old, _ = old_site(tmp_path, OPERATION)
        entry = catalogue.find_entry(old.workspace, 4)

        with pytest.raises(IntegrityError, match="is not what is registered"):
            export_dataset(know(old, entry.digest, "0" * 64, OPERATION), 4, tmp_path / "four.tar")

    def test_knows_only_this_site(self, tmp_path: Path) -> None:
        """A dataset of another site is not here to be exported."""
        old, _ = old_site(tmp_path, DEVELOPMENT)

        with pytest.raises(NotFound, match="not in this site's catalogue"):
            export_dataset(old, 5, tmp_path / "five.tar")


class TestImport:
    def test_restores_raw_data(self, tmp_path: Path) -> None:
        """In DEVELOPMENT the raw data comes back, and is what was registered."""
        old, file = exported(tmp_path, DEVELOPMENT)
        new = new_site(tmp_path / "new", old)

        restore(new, file)

        raw = catalogue.find_raw(new.workspace, 4)
        assert raw == catalogue.find_raw(old.workspace, 4)
        assert (tmp_path / "d" / "export.csv").read_text().startswith("p1,7")

    def test_restores_prepared_data(self, tmp_path: Path) -> None:
        """In OPERATION the prepared data comes back under its key, and nothing is prepared again."""
        old, file = exported(tmp_path, OPERATION)
        new = new_site(tmp_path / "new", old)
        import_dataset(new, file)
        idle = make_context(tmp_path / "new", {})

        raw = catalogue.find_raw(new.workspace, 4)
        prepared = stages.prepare(raw, PREPARATOR, idle)
        stages.sanity_check(prepared, PREPARATOR, idle)
        stages.statistics(prepared, PREPARATOR, idle)

        assert keyed(prepared.output, new.key) == new.registry.dataset(4).prepared_digest

    def test_restores_names_that_are_no_text(self, tmp_path: Path) -> None:
        """A site's own names may be any bytes; its empty folders come back too."""
        old, _ = old_site(tmp_path / "old", DEVELOPMENT)
        data = tmp_path / "old" / "raw" / "data"
        (data / os.fsdecode(b"M\xfcller %41\n.csv")).write_text("8")
        (data / "empty").mkdir()
        labels = tmp_path / "old" / "raw" / "labels"
        digest = catalogue.digest_raw(data, labels)
        entry = catalogue.find_entry(old.workspace, 4).model_copy(update={"digest": digest})
        catalogue.enter(old.workspace, entry)
        old = know(old, digest, digest, DEVELOPMENT)
        export_dataset(old, 4, tmp_path / "four.tar")
        new = new_site(tmp_path / "new", old)

        restore(new, tmp_path / "four.tar")

        assert catalogue.find_raw(new.workspace, 4).digest == digest
        assert (tmp_path / "d" / "empty").is_dir()

    def test_says_that_raw_data_is_away(self, tmp_path: Path) -> None:
        """Where only prepared data came back and is lost, a preparation says what is needed."""
        old, file = exported(tmp_path, OPERATION)
        new = new_site(tmp_path / "new", old)
        import_dataset(new, file)
        raw = catalogue.find_raw(new.workspace, 4)
        (new.workspace.root / "published").rename(tmp_path / "lost")

        with pytest.raises(IntegrityError, match="raw data is not at this site"):
            stages.prepare(raw, PREPARATOR, new.context)
