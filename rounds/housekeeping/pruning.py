"""Removing what was used longest ago, until the rest fits.

1. Each thing goes whole: under the lock of whoever makes it, by one rename into the trash on the same disk.
2. Before that it is looked at again: used meanwhile, or taken by a run, it stays.
3. Then the trash is emptied. Killed in between, the next prune empties it.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from rounds import locks
from rounds.errors import SpecError
from rounds.housekeeping.pins import in_use
from rounds.housekeeping.survey import TRASH, Item, Kind, last_use
from rounds.images.store import CONVERTED
from rounds.locks import holders
from rounds.workspace import Workspace, sync_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be removed, longest unused first; what would be left; and what of that is pinned, in bytes."""

    remove: tuple[Item, ...]
    left_bytes: int
    pinned_bytes: int


def plan(items: Iterable[Item], pinned: Mapping[Path, str], *, budget_bytes: int) -> Plan:
    """What has to go so that the rest fits into the budget, or as much as may."""
    known = list(items)
    left = sum(item.n_bytes for item in known)
    free = [item for item in known if item.path not in pinned]
    remove = []
    for item in sorted(free, key=lambda one: (one.kind is not Kind.TRASH, one.used)):
        if left <= budget_bytes and item.kind is not Kind.TRASH:
            break
        remove.append(item)
        left -= item.n_bytes
    held = sum(item.n_bytes for item in known if item.path in pinned)
    return Plan(remove=tuple(remove), left_bytes=left, pinned_bytes=held)


def prune(workspace: Workspace, cache: Path, remove: Iterable[Item]) -> list[Item]:
    """Remove the items of a plan; those that went. What came into use since the plan was made stays.

    Raises:
        SpecError: Another prune is running.
    """
    with workspace.locked("prune") as free:
        if not free:
            raise SpecError("found another prune at work here, needed to be alone; wait for it")
        gone = [item for item in remove if _discard(item, workspace, cache)]
        for trash in (workspace.root / TRASH, cache / TRASH):
            _empty(trash)
    return gone


def _discard(item: Item, workspace: Workspace, cache: Path) -> bool:
    if item.kind is Kind.TRASH:
        return True
    home = cache if item.kind is Kind.IMAGE else workspace.root
    with _alone(item, workspace) as free:
        if not free or not item.path.exists() or _is_wanted(item, workspace):
            return False
        trash = home / TRASH
        trash.mkdir(parents=True, exist_ok=True)
        if item.place == CONVERTED:
            item.path.with_suffix(".sha256").unlink(missing_ok=True)
        item.path.rename(trash / f"{item.path.name}-{token_hex(8)}")
        sync_folder(item.path.parent)
    return True


@contextmanager
def _alone(item: Item, workspace: Workspace) -> Iterator[bool]:
    """Hold the lock of whoever makes the item, if it is free; logs and what was fetched have none."""
    path = workspace.lock(item.lock)
    if item.place == CONVERTED:
        path = item.path.with_suffix(".lock")
    elif item.kind in (Kind.LOG, Kind.IMAGE):
        yield True
        return
    with locks.opened(path) as descriptor:
        yield locks.take(descriptor)


def _is_wanted(item: Item, workspace: Workspace) -> bool:
    """Whether it was used since it was surveyed, or a run reads it now."""
    touched = item.kind is not Kind.IMAGE and last_use(item.path) != item.used
    others = (one for one in holders(workspace.folder("locks")) if one.name != item.lock)
    return touched or in_use(item, others, now=datetime.now(UTC)) is not None


def _empty(trash: Path) -> None:
    """Delete what lies in the trash; a folder that a cube closed to its owner is opened first."""
    for path in trash.glob("*"):
        if path.is_dir() and not path.is_symlink():
            _open(path)
            shutil.rmtree(path)
        else:
            path.unlink()


def _open(folder: Path) -> None:
    folder.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _open(path)
