"""A backup's file: a gzipped tar of a manifest and one file of JSON lines a table.

1. The manifest comes first and names each table's file in its order, with its rows, bytes and sha256.
2. A reader takes exactly these files, in this order, of this size, and nothing else: no link, no folder, no
   other name, no header of an extension. So what a file is called never names a place on the disk.
3. A line is one row. It is read alone, so that neither end holds more than one at a time.
4. Every byte counts: gzip's header is the one that is written here, its own sum covers the rest.
"""

import gzip
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import Field, JsonValue, ValidationError

from rounds.errors import IntegrityError
from rounds.records.base import Record, Sha256

MANIFEST = "manifest.json"
LONGEST_MANIFEST = 1 << 20
LONGEST_LINE = 1 << 26
GZIP_HEADER = bytes.fromhex("1f8b08000000000000ff")  # no name and no time
LEVEL = 6
BLOCK = tarfile.BLOCKSIZE
BROKEN = "found a backup that is not whole, needed it as it was written; take another one"


class TableFile(Record):
    """What a table's file holds."""

    rows: int = Field(ge=0)
    size: int = Field(ge=0)
    sha256: Sha256


class ChainHead(Record):
    """The sealed audit chain's end: how many entries it has and the last one's sha256."""

    entries: int = Field(ge=0)
    sha256: Sha256


class Manifest(Record):
    """What a backup holds: the tables' revision, the version that wrote it, and each table's file."""

    format: Literal["rounds registry backup 1"] = "rounds registry backup 1"
    revision: str = Field(pattern=r"^[0-9]{4}$")
    rounds: str
    audit: ChainHead | None
    tables: dict[str, TableFile]


def pack(path: Path, manifest: Manifest, files: Mapping[str, Path]) -> None:
    """Write a backup of the tables' `files`, which are in the manifest's order; the caller renames it."""
    about = path.with_name(MANIFEST)
    about.write_text(manifest.model_dump_json(), encoding="utf-8")
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", LEVEL, raw, 0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w|", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name, file in {MANIFEST: about, **{_name(key): files[key] for key in files}}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = file.stat().st_size, 0o600
            with file.open("rb") as content:
                archive.addfile(info, content)


class Archive:
    """A backup, read once from its beginning to its end.

    Raises:
        IntegrityError: It does not begin as a backup does.
    """

    def __init__(self, file: BinaryIO) -> None:
        if file.read(len(GZIP_HEADER)) != GZIP_HEADER:
            raise IntegrityError(BROKEN, detail="no header of a backup")
        file.seek(0)
        self._stream = gzip.GzipFile(fileobj=file, mode="rb")
        self.manifest = self._read_manifest()

    def rows(self) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
        """Each row with its table's name, in the order of the file.

        Raises:
            IntegrityError: A byte is not as it was written, or there is something else.
        """
        for table, file in self.manifest.tables.items():
            with _whole(table):
                if self._enter(_name(table)) != file.size:
                    raise IntegrityError(BROKEN, detail=f"another size of {table}")
            for line in self._lines(table, file):
                yield table, line
        with _whole("the end"):
            self._end()

    def _lines(self, table: str, file: TableFile) -> Iterator[Mapping[str, JsonValue]]:
        digest, rows, left = sha256(), 0, file.size
        while left:
            with _whole(table):
                line = self._stream.readline(min(left, LONGEST_LINE))
                if not line.endswith(b"\n"):
                    raise IntegrityError(BROKEN, detail=f"a line of {table} without an end")
                row = _parse(line)
            digest.update(line)
            rows, left = rows + 1, left - len(line)
            yield row
        with _whole(table):
            self._skip_padding(file.size)
        if (digest.hexdigest(), rows) != (file.sha256, file.rows):
            raise IntegrityError(BROKEN, detail=f"another sha256 of {table}")

    def _read_manifest(self) -> Manifest:
        with _whole(MANIFEST):
            size = self._enter(MANIFEST)
            if size > LONGEST_MANIFEST:
                raise IntegrityError(BROKEN, detail="too long a manifest")
            text = self._stream.read(size)
            self._skip_padding(size)
            return Manifest.model_validate_json(text)

    def _enter(self, name: str) -> int:
        """The size of the next file, which is a plain one of this name."""
        info = tarfile.TarInfo.frombuf(self._stream.read(BLOCK), "ascii", "strict")
        if info.name != name or info.type != tarfile.REGTYPE or info.linkname:
            raise IntegrityError(BROKEN, detail=f"another file in place of {name}")
        return info.size

    def _skip_padding(self, size: int) -> None:
        if any(self._stream.read(-size % BLOCK)):
            raise IntegrityError(BROKEN, detail="something between the files")

    def _end(self) -> None:
        """Read what is left, so that gzip compares its sum; it is empty."""
        while chunk := self._stream.read(1 << 16):
            if any(chunk):
                raise IntegrityError(BROKEN, detail="something after the last file")


def _name(table: str) -> str:
    return f"{table}.jsonl"


def _parse(line: bytes) -> Mapping[str, JsonValue]:
    row = json.loads(line, parse_constant=_refuse_constant)
    if not isinstance(row, dict):
        raise IntegrityError(BROKEN, detail="a line that is no row")
    return row


def _refuse_constant(name: str) -> float:
    raise ValueError(f"found {name}, needed a number")


@contextmanager
def _whole(what: str) -> Iterator[None]:
    """Say what is wrong with a backup in one way, whatever reads it."""
    faults = (OSError, EOFError, zlib.error, tarfile.TarError, ValidationError, ValueError)
    try:
        yield
    except (*faults, RecursionError) as error:
        raise IntegrityError(BROKEN, detail=f"{what}: {error}") from error
