"""Locks as files: the kernel frees one with whoever held it, however that ended, and its file says who holds it."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rounds.digests import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock `name`, since when, and the digests of what it works with."""

    name: str
    since: datetime
    process: int
    digests: frozenset[str] = field(default=frozenset(), repr=False)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The descriptor of a lock's file, made if missing; closing it lets go of the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def take(descriptor: int, *, shared: bool = False) -> bool:
    """Take the lock if it is free; whether it was."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait(descriptor: int, *, shared: bool = False) -> None:
    """Take the lock, however long another holds it."""
    fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


@contextmanager
def signed(descriptor: int, inputs: Mapping[str, object] | None = None) -> Iterator[None]:
    """Write into the file of a lock that is held who holds it; what a kill leaves there holds nothing."""
    digests = [value for value in (inputs or {}).values() if isinstance(value, str)]
    said = {"since": datetime.now(UTC).isoformat(), "process": os.getpid(), "digests": digests}
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, canonical_json(said), 0)
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)


def holders(folder: Path) -> list[Holder]:
    """Who holds which of a folder's locks now, by name. A lock that nobody has signed is not touched."""
    found = (_holder(path) for path in sorted(folder.glob("*.lock")))
    return [holder for holder in found if holder is not None]


def _holder(path: Path) -> Holder | None:
    with path.open("rb") as file:
        content = file.read()
        if not content or take(file.fileno(), shared=True):
            return None
    try:
        said = json.loads(content)
        since = datetime.fromisoformat(said["since"])
        digests = frozenset(said["digests"])
    except (ValueError, KeyError, TypeError):
        return None
    return Holder(name=path.stem, since=since, process=int(said["process"]), digests=digests)
