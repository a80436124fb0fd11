"""A file that is no backup as it was written is refused, and touches nothing."""

import gzip
import tarfile
from pathlib import Path

import pytest

from rounds.errors import IntegrityError
from tests.contract.registry_storage.packing import (
    NOT_WHOLE,
    changed,
    files_of,
    pack,
    rows_in,
    try_restore,
)


class TestDamage:
    def test_of_none_is_found(self, good: bytes, tmp_path: Path) -> None:
        """A backup as it was written is taken, and so are its files packed anew."""
        same = pack(files_of(good))

        try_restore(tmp_path, same)

        assert same == good
        assert rows_in(tmp_path)["user_account"][0]["name"] == "Ada"

    def test_of_any_byte_is_found(self, good: bytes, tmp_path: Path) -> None:
        """A flipped bit, wherever it is in the file, is found."""
        missed = []
        for place in range(len(good)):
            damaged = bytearray(good)
            damaged[place] ^= 1 << place % 8
            try:
                try_restore(tmp_path, bytes(damaged))
            except IntegrityError:
                continue
            missed.append(place)

        assert missed == []

    @pytest.mark.parametrize("kept", [0, 5, 10, 300, -1])
    def test_of_the_end_is_found(self, good: bytes, tmp_path: Path, kept: int) -> None:
        """A file that was cut short is found."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, good[:kept])

    @pytest.mark.parametrize("more", [b"more", gzip.compress(b"more")])
    def test_behind_the_end_is_found(self, good: bytes, tmp_path: Path, more: bytes) -> None:
        """What was added behind a backup is found."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, good + more)

    def test_leaves_no_database(self, good: bytes, tmp_path: Path) -> None:
        """A damaged backup is found before a database is as much as made."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, good[:-1])

        assert [path.name for path in tmp_path.iterdir()] == ["file"]


class TestFiles:
    @pytest.mark.parametrize(
        "name", ["../user_account.jsonl", "/etc/passwd", "user_account.jsonl/", "more.jsonl", ""]
    )
    def test_by_another_name_are_refused(self, good: bytes, tmp_path: Path, name: str) -> None:
        """Only the files of the manifest are taken; what they are called never names a place."""
        files = files_of(good)
        renamed = {name if key == "user_account.jsonl" else key: files[key] for key in files}

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(renamed))

        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    @pytest.mark.parametrize(
        "kind",
        [
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.DIRTYPE,
            tarfile.FIFOTYPE,
            tarfile.CHRTYPE,
            tarfile.GNUTYPE_SPARSE,
            tarfile.GNUTYPE_LONGNAME,
            tarfile.XHDTYPE,
        ],
    )
    def test_that_are_none_are_refused(self, good: bytes, tmp_path: Path, kind: bytes) -> None:
        """A link, a folder, a device, or a header of an extension is no file."""

        def shape(info: tarfile.TarInfo) -> None:
            if info.name == "user_account.jsonl":
                info.type, info.linkname = kind, "/etc/passwd"

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(files_of(good), shape))

    def test_that_are_too_many_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A file behind the last one is refused."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(files_of(good) | {"more.jsonl": b"{}\n"}))

    def test_of_another_size_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A header that promises more than there is, or than the manifest says, is refused."""

        def shape(info: tarfile.TarInfo) -> None:
            info.size += 8 * 2**40 if info.name == "audit.jsonl" else 0

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(files_of(good), shape))

    def test_need_the_manifest_first(self, good: bytes, tmp_path: Path) -> None:
        """Without a manifest at its beginning a file is no backup."""
        files = files_of(good)
        files["manifest.json"] = files.pop("manifest.json")

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(files))

    @pytest.mark.parametrize(
        "manifest", [b"", b"{}", b"[" * 100_000, b" " * (2**20 + 1), b'{"format": "another"}']
    )
    def test_need_a_manifest_that_is_one(
        self, good: bytes, tmp_path: Path, manifest: bytes
    ) -> None:
        """A manifest that says too little, or far too much, is refused."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, pack(files_of(good) | {"manifest.json": manifest}))

    def test_that_never_end_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A line longer than any row is refused before memory is full of it."""
        bomb = changed(good, "user_account", b" " * (2**26 + 1) + b"\n")

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, bomb)
