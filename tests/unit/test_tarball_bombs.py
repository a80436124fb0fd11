"""A tarball is stopped before it fills the site: by what it may hold, by its ratio, by the disk."""

import resource
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rounds import tarballs
from rounds.errors import IntegrityError, RunnerError
from rounds.tarballs import CHUNK, unpack
from tests.unit.test_tarballs import END, file, pax, raw, unpack_bytes


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """In this block the kernel writes no file beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


class TestTooMuch:
    @pytest.mark.parametrize(
        "archive",
        [
            raw("a", 1 << 24),
            file("a") + END + bytes(1 << 24),
            (pax(mtime="1") * 4 + raw("a", 0, tarfile.DIRTYPE)) * 250,
        ],
        ids=["a file", "after the end", "headers"],
    )
    def test_stops_a_bomb_by_its_ratio(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: bytes
    ) -> None:
        """Beyond a size that harms nobody, little must not become much, wherever it is hidden."""
        monkeypatch.setattr(tarballs, "RATIO_FROM_BYTES", 1 << 19)
        monkeypatch.setattr(tarballs, "RATIO", 50)

        with pytest.raises(IntegrityError, match="unpack to more than 50 times their size"):
            unpack_bytes(tmp_path, archive, max_files=10_000)

    def test_counts_bytes_as_they_are_unpacked(self, tmp_path: Path) -> None:
        """Headers and what follows the end are bytes too."""
        with pytest.raises(IntegrityError, match="exceed 100 files or 20000 bytes"):
            unpack_bytes(tmp_path, file("a") + END + bytes(30_000), max_bytes=20_000)

    @pytest.mark.parametrize(
        "archive",
        [
            b"".join(raw(str(number), 0) for number in range(6)),
            raw("a", 0, tarfile.DIRTYPE) * 6,
            raw("a/b/c/d/e/f", 0),
        ],
        ids=["files", "one folder again and again", "folders that are only in names"],
    )
    def test_counts_files_and_folders(self, tmp_path: Path, archive: bytes) -> None:
        """Every header counts, and every folder that would be made."""
        with pytest.raises(IntegrityError, match="exceed 5 files"):
            unpack_bytes(tmp_path, archive + END, max_files=5)

    def test_looks_at_the_disk_before_it_writes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A file that the disk has no room for is not begun."""
        monkeypatch.setattr(tarballs, "RATIO_FROM_BYTES", 1 << 60)
        more = shutil.disk_usage(tmp_path).total

        with pytest.raises(RunnerError, match="more bytes than the site's disk has free"):
            unpack_bytes(tmp_path, raw("a", more), max_bytes=1 << 60)

        assert not (tmp_path / "target" / "a").exists()

    def test_tells_of_a_disk_that_filled_meanwhile(self, tmp_path: Path) -> None:
        """A disk, or a quota, that ends while a file is written is the site's to mend, in one line."""
        archive = file("a", bytes(CHUNK)) + END

        with (
            pytest.raises(RunnerError, match="make room there") as caught,
            files_of_at_most(CHUNK // 2),
        ):
            unpack_bytes(tmp_path, archive)

        assert str(tmp_path) not in caught.value.summary

    def test_tells_other_faults_of_the_disk_as_they_are(self, tmp_path: Path) -> None:
        """A tarball that went away is no fault of its author."""
        with pytest.raises(FileNotFoundError, match="gone"):
            unpack(tmp_path / "gone", tmp_path, max_files=1, max_bytes=1)
