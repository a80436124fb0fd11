"""A stranger's .tar.gz, unpacked without trusting it: plain files and folders below one folder.

1. The archive is read once, front to back, in pieces of at most 1 MiB. Python's `tarfile` only parses a
   header's 512 bytes: it would read an extended header of any size, and end in silence at a broken one.
2. Only files and folders come out, with names that `rounds.plain_names` takes, each file once, with our
   own mode. Of extended headers only `path` and `size` mean anything; a sparse file is refused.
3. Nothing is believed before it is bounded: members, folders, headers for one member, bytes of a header,
   bytes unpacked in all (by the site's limit, by what was packed, by the disk), known before one is written.
4. After the end's mark there are only zeros, and the mark is there.
"""

import errno
import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rounds.errors import IntegrityError, RunnerError
from rounds.plain_names import name_fault

BLOCK = tarfile.BLOCKSIZE
CHUNK = 1 << 20
MAX_HEADER_BYTES = 1 << 20
MAX_HEADERS = 4
RATIO = 200  # text packs to a tenth; gzip ends at about a thousandth
RATIO_FROM_BYTES = 1 << 30
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE}
_MAX_DIGITS = 20
_LONG_NAME, _PAX, _PAX_GLOBAL = tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_UNSOUND = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    FileExistsError,
    NotADirectoryError,
)


@dataclass(frozen=True, slots=True)
class _Bounds:
    max_files: int
    max_bytes: int
    max_by_ratio: int

    def check(self, *, files: int = 0, size: int = 0) -> None:
        if files > self.max_files or size > self.max_bytes:
            raise _refusal(f"exceed {self.max_files} files or {self.max_bytes} bytes")
        if size > self.max_by_ratio:
            raise _refusal(f"unpack to more than {RATIO} times their size")


@dataclass(frozen=True, slots=True)
class _Member:
    path: PurePosixPath
    size: int
    is_folder: bool


def unpack(tarball: Path, target: Path, *, max_files: int, max_bytes: int) -> None:
    """Write a tarball's files and folders below `target`, which is there and empty.

    Raises:
        IntegrityError: It is no sound .tar.gz, or holds what this module refuses.
        RunnerError: The disk has no room for it.
    """
    try:
        by_ratio = max(RATIO_FROM_BYTES, RATIO * tarball.stat().st_size)
        with gzip.open(tarball) as file:
            _unpack(_Source(file, _Bounds(max_files, max_bytes, by_ratio)), target)
    except _UNSOUND as error:
        message = "a cube's additional files could not be unpacked, needed a sound .tar.gz; its author must pack it anew"
        raise IntegrityError(message, detail=str(error)) from error
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _no_room(str(error)) from error


def _unpack(source: "_Source", target: Path) -> None:
    known = {PurePosixPath()}
    for number, member in enumerate(_members(source), 1):
        known.update((member.path, *member.path.parents))
        source.bounds.check(files=max(number, len(known) - 1), size=source.taken + member.size)
        path = target / member.path
        if member.is_folder:
            path.mkdir(parents=True, exist_ok=True)
        else:
            _write(source, member.size, path)


def _write(source: "_Source", size: int, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if size > shutil.disk_usage(path.parent).free:
        raise _no_room(str(path))
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise _refusal("name one file twice", str(error)) from error
    with file:
        for chunk in source.chunks(size):
            file.write(chunk)


class _Source:
    """The bytes of a .tar.gz, unpacked front to back and never more than there is room for."""

    def __init__(self, file: gzip.GzipFile, bounds: _Bounds) -> None:
        self._file = file
        self.bounds = bounds
        self.taken = 0

    def read(self, size: int) -> bytes:
        """The next `size` bytes, or those that are left."""
        content = self._file.read(size)
        self.taken += len(content)
        self.bounds.check(size=self.taken)
        return content

    def chunks(self, size: int) -> Iterator[bytes]:
        """The next `size` bytes in pieces; the padding to a whole block is skipped."""
        padding = -size % BLOCK
        while size:
            yield self._exactly(part := min(size, CHUNK))
            size -= part
        self._exactly(padding)

    def block(self) -> bytes:
        """The next block."""
        return self._exactly(BLOCK)

    def _exactly(self, size: int) -> bytes:
        content = self.read(size)
        if len(content) < size:
            raise EOFError("the archive ends too early")
        return content


def _members(source: _Source) -> Iterator[_Member]:
    """Each member's header; whoever takes a file reads its content from `source` before the next."""
    extended: dict[str, str] = {}
    headers = 0
    while any(block := source.block()):
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.type in (_LONG_NAME, _PAX, _PAX_GLOBAL):
            headers += 1
            extended |= _read_extended(header, source, headers)
            continue
        yield _member(header, extended)
        extended, headers = {}, 0
    while rest := source.read(CHUNK):
        if rest.strip(b"\0"):
            raise _refusal("hold something after their end")


def _read_extended(header: tarfile.TarInfo, source: _Source, number: int) -> dict[str, str]:
    if number > MAX_HEADERS or not 0 <= header.size <= MAX_HEADER_BYTES:
        raise _refusal(
            f"hold a header of more than {MAX_HEADER_BYTES} bytes, or {MAX_HEADERS} in a row"
        )
    content = b"".join(source.chunks(header.size))
    if header.type == _LONG_NAME:
        return {"path": content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    fields = dict(_pax_fields(content))
    if header.type == _PAX_GLOBAL and fields:
        raise tarfile.ReadError("one name or size for several members")
    return fields


def _pax_fields(content: bytes) -> Iterator[tuple[str, str]]:
    """Of the records `<length> <key>=<value>` and a line's end (POSIX, pax), those of path and size."""
    at = 0
    while at < len(content):
        digits, _, _ = content[at : at + 8].partition(b" ")
        end = at + int(digits) if digits.isdigit() else 0
        record = content[at + len(digits) + 1 : end]
        key, equals, value = record.partition(b"=")
        if end > len(content) or not equals or not value.endswith(b"\n"):
            raise tarfile.ReadError("a broken pax record")
        if key.startswith(b"GNU.sparse."):
            raise _refusal("hold a sparse file")
        if key in (b"path", b"size"):
            yield key.decode(), value[:-1].decode("utf-8", "surrogateescape")
        at = end


def _member(header: tarfile.TarInfo, extended: dict[str, str]) -> _Member:
    path = PurePosixPath(extended.get("path", header.name))
    digits = extended.get("size", str(header.size))
    if header.type == tarfile.GNUTYPE_SPARSE:
        raise _refusal("hold a sparse file", str(path))
    if path.is_absolute() or ".." in path.parts or not (header.type in _FILES or header.isdir()):
        raise _refusal("hold a link, a device or a path that leaves the folder", str(path))
    if fault := name_fault(str(path)):
        raise _refusal(f"hold {fault}", str(path))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_DIGITS):
        raise tarfile.ReadError("a size that is no number")
    if header.isdir() and int(digits):
        raise tarfile.ReadError("a folder with a size")
    return _Member(path, int(digits), header.isdir())


def _refusal(found: str, detail: str = "") -> IntegrityError:
    message = f"a cube's additional files {found}; refused, its author must pack them anew"
    return IntegrityError(message, detail=detail)


def _no_room(detail: str) -> RunnerError:
    message = (
        "a cube's additional files need more bytes than the site's disk has free; make room there"
    )
    return RunnerError(message, detail=detail)
