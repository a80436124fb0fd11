"""What came of a download so far: a file beside its target, and a note by which it can go on."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rounds import locks
from rounds.errors import RunnerError
from rounds.workspace import sync_folder, write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """The URL that was asked for, and the strong ETag of what it answered."""

    url: str
    etag: str


class Part:
    """The bytes that came so far, held by one process at a time."""

    def __init__(self, target: Path, file: BinaryIO) -> None:
        self.target = target
        self.path = _part(target)
        self._file = file
        self.size = file.seek(0, os.SEEK_END)

    def note(self) -> Note | None:
        """How this part can go on; None if it cannot."""
        try:
            found: Mapping[str, object] = json.loads(_note(self.target).read_bytes())
            return Note(url=str(found["url"]), etag=str(found["etag"])) if self.size else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def restart(self, note: Note | None = None) -> None:
        """Forget what came, and note by what the next bytes can go on."""
        _note(self.target).unlink(missing_ok=True)
        with _written():
            self._file.seek(0)
            self._file.truncate()
            self.size = 0
            if note is not None:
                content = json.dumps({"url": note.url, "etag": note.etag})
                write_whole(_note(self.target), content.encode())

    def write(self, chunk: bytes) -> None:
        """Append `chunk`.

        Raises:
            RunnerError: The disk does not take it.
        """
        with _written():
            self._file.write(chunk)
            self.size += len(chunk)

    def sync(self) -> None:
        """Bring everything to the disk."""
        with _written():
            self._file.flush()
            os.fsync(self._file.fileno())

    def publish(self) -> None:
        """Give the file its name, whole, by one rename."""
        with _written():
            self.path.rename(self.target)
        _note(self.target).unlink(missing_ok=True)
        sync_folder(self.target.parent)

    def drop(self) -> None:
        """Leave nothing behind."""
        self.path.unlink(missing_ok=True)
        _note(self.target).unlink(missing_ok=True)


@contextmanager
def held(target: Path) -> Iterator[None]:
    """Wait for whoever fetches the same target, then keep others waiting; a kill -9 lets go.

    The lock is a file of its own, since the part's is renamed.
    """
    with ExitStack() as stack:
        with _written():
            lock = target.with_name(f".{target.name}.lock")
            descriptor = stack.enter_context(locks.opened(lock))
        locks.wait(descriptor)
        yield


@contextmanager
def opened(target: Path) -> Iterator[Part]:
    """The part of a target that this process holds, empty if there is none yet."""
    with _written():
        content = _part(target).open("ab")
    with content as file:
        yield Part(target, file)


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = "the site's disk did not take what was fetched, needed a folder that can be written, with room"
        raise RunnerError(message, detail=str(error)) from error


def _part(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _note(target: Path) -> Path:
    return target.with_name(f".{target.name}.part.json")
