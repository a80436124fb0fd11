"""Where a cube's own words go: a bounded file of the site, never anywhere else."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MAX_LOG_BYTES = 10_000_000
MAX_WORDS_BYTES = 1_000_000
_CUT = b"\n[rounds: the limit of this log is reached, the rest of the output was dropped]\n"


class CallLog:
    """Appends one call's output to its log; what goes beyond `max_bytes` is dropped, and the log says so."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_LOG_BYTES) -> None:
        self._path = path
        self._left = max_bytes
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
        """Append `data` as far as the limit allows; outside of the context nothing is written."""
        if self._file is None or self._file.closed or self._left <= 0:
            return
        self._file.write(data[: self._left])
        self._left -= len(data)
        if self._left <= 0:
            self._file.write(_CUT)


def size_of(log: Path) -> int:
    """How many bytes a log has by now; 0 if there is none."""
    return log.stat().st_size if log.exists() else 0


def words_since(log: Path, begins: int) -> str:
    """The end of what was logged after the first `begins` bytes, which are of earlier calls."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(begins, size_of(log) - MAX_WORDS_BYTES))
        return file.read(MAX_WORDS_BYTES).decode("utf-8", "replace")


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a cube's log, for the site's own eyes."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-count:])
