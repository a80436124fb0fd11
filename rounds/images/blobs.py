"""The named bytes of an archive or a layout that a stranger packed, read within bounds.

Links, devices and sparse files are as though they were not there; nothing is unpacked to the disk.
"""

import io
import os
import re
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from rounds.digests import CHUNK
from rounds.errors import IntegrityError

MAX_MEMBERS = 10_000
MAX_DOCUMENT = 4 * 1024**2
_IN_FOLDER = re.compile(r"index\.json|oci-layout|manifest\.json|blobs/sha256/[0-9a-f]{64}")
_UNSOUND = (tarfile.TarError, ValueError, OverflowError, RecursionError, EOFError)


class Blobs(Protocol):
    """Named bytes."""

    def size(self, name: str) -> int | None:
        """How many bytes `name` has; None if there is no plain file of this name."""

    def open(self, name: str) -> BinaryIO:
        """The bytes of `name`, from the first on.

        Raises:
            IntegrityError: There is no plain file of this name.
        """


def read_document(blobs: Blobs, name: str) -> bytes:
    """All bytes of a small document.

    Raises:
        IntegrityError: It is not there, or larger than 4 MiB.
    """
    size = blobs.size(name)
    if size is None or size > MAX_DOCUMENT:
        raise lacking(name)
    with blobs.open(name) as file:
        return file.read(MAX_DOCUMENT)


def read_chunks(file: BinaryIO) -> Iterator[bytes]:
    """The bytes of a file, 1 MiB at a time."""
    while chunk := file.read(CHUNK):
        yield chunk


def lacking(name: str) -> IntegrityError:
    """The error about a document or blob that is not there as a plain, bounded file."""
    message = (
        "an image's archive lacks a part of it, or has it as a link or too large; save it anew"
    )
    return IntegrityError(message, detail=name)


@contextmanager
def open_blobs(path: Path) -> Iterator[Blobs]:
    """The blobs of an OCI layout (a folder), or of an uncompressed tar.

    Raises:
        IntegrityError: It is neither.
    """
    if path.is_dir():
        yield _FolderBlobs(path)
        return
    with _Frugal(path) as file:
        yield _TarBlobs(file)


class _FolderBlobs:
    """The blobs of an OCI layout; no name leads out of the folder, and no link is followed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def size(self, name: str) -> int | None:
        path = self._path(name)
        return path.stat().st_size if path else None

    def open(self, name: str) -> BinaryIO:
        if (path := self._path(name)) is None:
            raise lacking(name)
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")

    def _path(self, name: str) -> Path | None:
        if not _IN_FOLDER.fullmatch(name):
            return None
        path = self._root / name
        steps = [path, *list(path.parents)[: name.count("/")]]
        plain = path.exists() and not any(step.is_symlink() for step in steps)
        return path if plain and stat.S_ISREG(path.lstat().st_mode) else None


class _Frugal(io.FileIO):
    """A file that is never read into memory at once, whatever lengths its headers claim."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= CHUNK:
            raise tarfile.ReadError("a header longer than 1 MiB")
        return super().read(size)


class _TarBlobs:
    """The plain files of a tar, found by their headers and read in place."""

    def __init__(self, file: _Frugal) -> None:
        self._file = file
        self._places = _find_members(file)

    def size(self, name: str) -> int | None:
        return self._places[name][1] if name in self._places else None

    def open(self, name: str) -> BinaryIO:
        if name not in self._places:
            raise lacking(name)
        return io.BufferedReader(_Window(self._file.fileno(), *self._places[name]), CHUNK)


class _Window(io.RawIOBase):
    """So many bytes of a file from an offset on."""

    def __init__(self, descriptor: int, offset: int, size: int) -> None:
        self._descriptor = descriptor
        self._at = offset
        self._end = offset + size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # never another
        wanted = min(len(buffer), self._end - self._at)
        chunk = os.pread(self._descriptor, wanted, self._at)
        buffer[: len(chunk)] = chunk
        self._at += len(chunk)
        return len(chunk)


def _find_members(file: _Frugal) -> dict[str, tuple[int, int]]:
    try:
        with tarfile.open(fileobj=file, mode="r:") as archive:
            return _index(archive)
    except _UNSOUND as error:
        message = (
            "an image's archive cannot be read, needed an uncompressed tar (docker save, or an OCI layout);"
            " unpack it if it is gzipped, or save it anew"
        )
        raise IntegrityError(message, detail=str(error)) from error


def _index(archive: tarfile.TarFile) -> dict[str, tuple[int, int]]:
    places: dict[str, tuple[int, int]] = {}
    for number, member in enumerate(archive):
        if number >= MAX_MEMBERS:
            raise tarfile.ReadError(f"more than {MAX_MEMBERS} members")
        if not member.isreg() or member.issparse():
            continue
        name = member.name.removeprefix("./")
        if name in places:
            raise tarfile.ReadError("one name twice")
        places[name] = (member.offset_data, member.size)
    return places
