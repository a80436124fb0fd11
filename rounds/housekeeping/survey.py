"""What lies in a site's workspace and cache: outputs, attempts, logs, images, and the site's own records."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import JsonValue

from rounds.attempts import INPUTS
from rounds.digests import tree_digest
from rounds.images.store import CONVERTED
from rounds.workspace import Workspace

TRASH = "trash"
_RECORDS = (
    *("datasets", "executions", "drafts", "reports", "cancelled"),
    *("manual", "progress", "pages"),
)
_SITE_LOGS = ("site.log", "journal.jsonl")


class Kind(StrEnum):
    """What something is, which decides whether and how it may go."""

    OUTPUT = "output"
    ATTEMPT = "attempt"
    LOG = "log"
    IMAGE = "image"
    RECORD = "record"
    TRASH = "trash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that goes or stays as a whole.

    `place` is a stage, or the folder it lies in; `key` the digest of a stage's inputs; `inputs` and `output`
    are what its manifest says, and empty where it says nothing.
    """

    kind: Kind
    place: str
    key: str
    path: Path = field(repr=False)
    n_files: int
    n_bytes: int
    used: datetime
    inputs: dict[str, JsonValue] = field(default_factory=dict, repr=False)
    output: str = ""

    @property
    def lock(self) -> str:
        """The name of the lock of whoever makes it."""
        return f"{self.place}-{self.key}"


def survey(workspace: Workspace, cache: Path) -> list[Item]:
    """Everything in the workspace and in the site's cache, which may lie elsewhere."""
    return [
        *_outputs(workspace),
        *_attempts(workspace),
        *_logs(workspace),
        *_images(cache),
        *_records(workspace),
        *(
            item
            for folder in dict.fromkeys((workspace.root / TRASH, cache / TRASH))
            for item in _trash(folder)
        ),
    ]  # fmt: skip


def last_use(path: Path) -> datetime:
    """When an output, an attempt or a log was last used: the time that the workspace sets on it."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _outputs(workspace: Workspace) -> Iterator[Item]:
    for folder in sorted((workspace.root / "published").glob("*/*")):
        manifest = _read(folder / "manifest.json")
        files, inputs = manifest.get("files"), manifest.get("inputs")
        digests = (
            {name: str(digest) for name, digest in files.items()} if isinstance(files, dict) else {}
        )
        yield from _item(
            Kind.OUTPUT,
            folder.parent.name,
            folder.name,
            folder,
            inputs=inputs if isinstance(inputs, dict) else {},
            output=tree_digest(digests) if digests or files == {} else "",
        )


def _attempts(workspace: Workspace) -> Iterator[Item]:
    for folder in sorted((workspace.root / "work").glob("*/*/*")):
        key, stage = folder.parent.name, folder.parent.parent.name
        inputs = _read(folder / "scratch" / INPUTS)
        yield from _item(Kind.ATTEMPT, stage, key, folder, inputs=inputs)


def _logs(workspace: Workspace) -> Iterator[Item]:
    for file in sorted((workspace.root / "logs").glob("*-*.log*")):
        yield from _item(Kind.LOG, "logs", file.name.partition("-")[0], file)


def _images(cache: Path) -> Iterator[Item]:
    for pattern in ("*.tar", "*.sif", "*.tar.gz", f"{CONVERTED}/*.sif"):
        for file in sorted(cache.glob(pattern)):
            place = CONVERTED if file.parent != cache else "images"
            if file.name.endswith(".tar.gz"):
                place = "tarballs"
            yield from _item(Kind.IMAGE, place, file.name.partition(".")[0], file)


def _records(workspace: Workspace) -> Iterator[Item]:
    for name in _RECORDS:
        yield from _item(Kind.RECORD, name, "", workspace.root / name)
    for name in _SITE_LOGS:
        yield from _item(Kind.RECORD, "logs", name, workspace.root / "logs" / name)


def _trash(folder: Path) -> Iterator[Item]:
    for path in sorted(folder.glob("*")):
        yield from _item(Kind.TRASH, TRASH, path.name, path)


def _item(
    kind: Kind,
    place: str,
    key: str,
    path: Path,
    *,
    inputs: dict[str, JsonValue] | None = None,
    output: str = "",
) -> Iterator[Item]:
    """The item of a path; nothing if that went meanwhile."""
    try:
        found = path.stat()
        n_files, n_bytes = _sizes(path)
    except FileNotFoundError:
        return
    # No image's times are set, which would have its bytes read anew: of those, reading counts too.
    seconds = max(found.st_mtime, found.st_atime if kind is Kind.IMAGE else 0)
    yield Item(
        kind=kind,
        place=place,
        key=key,
        path=path,
        n_files=n_files,
        n_bytes=n_bytes,
        used=datetime.fromtimestamp(seconds, UTC),
        inputs=inputs or {},
        output=output,
    )


def _sizes(path: Path) -> tuple[int, int]:
    """How many files a path holds and how many bytes they say they have; no link is followed."""
    if not path.is_dir():
        return 1, path.lstat().st_size
    sizes = list(_lengths(os.walk(path)))
    return len(sizes), sum(sizes)


def _lengths(walk: Iterable[tuple[str, list[str], list[str]]]) -> Iterator[int]:
    for folder, _, names in walk:
        for name in names:
            try:
                yield os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  a million of them
            except FileNotFoundError:
                continue


def _read(path: Path) -> dict[str, JsonValue]:
    """A JSON mapping; empty if there is none that can be read."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
