"""Where a cube's own words go: a bounded file of the site and the one before it, never anywhere else."""

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MAX_LOG_BYTES = 10_000_000
MAX_WORDS_BYTES = 1_000_000


class CallLog:
    """Appends one call's output to its log. At half of `max_bytes` the file becomes the one before, and a new one is begun.

    So the latest words are always there, and both files together never hold more than `max_bytes`.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_LOG_BYTES) -> None:
        self._path = path
        self._most = max_bytes // 2
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab", buffering=0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, data: bytes) -> None:
        """Append `data`; outside of the context nothing is written."""
        if self._file is None or self._file.closed:
            return
        while data:
            room = self._most - self._file.tell()
            if room <= 0:
                self._file = self._begin_anew(self._file)
                continue
            self._file.write(data[:room])
            data = data[room:]

    def _begin_anew(self, full: BinaryIO) -> BinaryIO:
        full.close()
        self._path.rename(before(self._path))
        return self._path.open("ab", buffering=0)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a log goes: its file, and the bytes in it."""

    inode: int
    size: int


def before(log: Path) -> Path:
    """The file that a log goes on from, once it was full."""
    return log.with_name(f"{log.name}.1")


def mark_of(log: Path) -> Mark:
    """How far a log goes by now."""
    if not log.exists():
        return Mark(0, 0)
    found = log.stat()
    return Mark(found.st_ino, found.st_size)


def words_since(log: Path, begins: Mark) -> str:
    """The end of what was logged after `begins`: what lies before that is of earlier calls."""
    return _end(log, begins, most=MAX_WORDS_BYTES).decode("utf-8", "replace")


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a cube's log, for the site's own eyes."""
    said = _end(log, Mark(0, 0), most=MAX_WORDS_BYTES).decode("utf-8", "replace")
    return "\n".join(said.splitlines()[-count:])


def _end(log: Path, begins: Mark, *, most: int) -> bytes:
    """At most so many bytes from the end of a log and the file before, none from before `begins`."""
    newest, goes_on = _tail(log, begins, most)
    if not goes_on:
        return newest
    older, _ = _tail(before(log), begins, most - len(newest))
    return older + newest


def _tail(file: Path, begins: Mark, most: int) -> tuple[bytes, bool]:
    """The end of one file, and whether something of it, or of the file before it, may be missing."""
    if not file.exists():
        return b"", True
    with file.open("rb") as opened:
        found = os.fstat(opened.fileno())
        is_first = found.st_ino == begins.inode
        opened.seek(max(begins.size if is_first else 0, found.st_size - most))
        return opened.read(most), not is_first
