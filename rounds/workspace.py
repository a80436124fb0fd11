"""A site's content-addressed work: complete and verified, or not there.

1. A stage's output lies in `published/<stage>/<key>/files`, the key being the digest of all its inputs.
2. Work happens in `work/<stage>/<key>/<attempt>/files`; a manifest written beside it says that it is complete.
3. One rename publishes the attempt. Killed between 2 and 3, the next begin publishes it, without a rerun.
4. Every use verifies the files against the manifest; what differs is an `IntegrityError`.
5. A use sets the output's folder to the time of it, and holds the stage's lock while it verifies: what is
   pruned under that lock is found whole, or not at all.
"""

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rounds import attempts, locks, manifests
from rounds.artifacts import Published
from rounds.attempts import Attempt
from rounds.digests import canonical_json, file_digests, sha256_bytes, sha256_json
from rounds.errors import IntegrityError

_log = logging.getLogger("rounds.site")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one site. Several processes may use it at once."""

    root: Path = field(repr=False)

    def publish(
        self,
        stage: str,
        inputs: Mapping[str, object],
        make: Callable[[Attempt], None],
        *,
        goes_on: bool = False,
    ) -> Published:
        """The published output for `inputs`, made by `make` only if it is not there yet.

        A second caller with the same inputs waits for the first, and the journal says so. If `make` raises, nothing is
        published and the attempt's files stay under `work/` for the site to look at.

        Args:
            stage: What it is an output of.
            inputs: All that decides it.
            make: Writes it.
            goes_on: Whether `make` goes on with what the last attempt left: in place if `make` came to its end
                there, else, since something that was not stopped may still write, with a copy.

        Raises:
            IntegrityError: What is published no longer matches its manifest.
        """
        key = sha256_json(inputs)
        with self._alone(stage, key, inputs):
            return (
                self._find(stage, key)
                or self._recover(stage, key)
                or self._make(stage, inputs, make, goes_on=goes_on)
            )

    def find(self, stage: str, key: str) -> Published | None:
        """What is published under `key`, verified; None if nothing is.

        Raises:
            IntegrityError: A file differs from the manifest, is missing, or was added.
        """
        if not self._published(stage, key).exists():
            return None
        with locks.opened(self.lock(f"{stage}-{key}")) as descriptor:
            locks.wait(descriptor, shared=True)
            return self._find(stage, key)

    def files(self, stage: str, published: Published) -> Path:
        """The folder of a published output, after verifying that it is the one the handle names.

        Raises:
            IntegrityError: It is gone, was changed, or is another output for the same inputs.
        """
        found = self.find(stage, published.key)
        if found is None or found.output != published.output:
            message = (
                "the published output is gone or is another one, needed the one the handle names"
            )
            raise IntegrityError(message, detail=f"{stage} {published.key}")
        return self._published(stage, published.key) / "files"

    def place(self, stage: str, key: str) -> Path:
        """The folder of a published output, not verified."""
        return self._published(stage, key) / "files"

    def listing(self, stage: str, key: str) -> dict[str, str]:
        """Each file of a published output by its name, with the sha256 that its manifest has.

        Raises:
            IntegrityError: The manifest is gone or cannot be read.
        """
        return manifests.read(self._published(stage, key) / manifests.NAME)

    def folder(self, *names: str) -> Path:
        """A folder of the workspace by its names, made if missing."""
        path = self.root.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, content: bytes) -> str:
        """Store `content` under its sha256, once, and return that."""
        digest = sha256_bytes(content)
        target = self.folder("drafts") / f"{digest}.json"
        if not target.exists():
            write_whole(target, content)
        return digest

    def kept(self, digest: str) -> bytes:
        """The bytes stored by `keep`.

        Raises:
            IntegrityError: They are gone, or do not match `digest`.
        """
        target = self.folder("drafts") / f"{digest}.json"
        content = target.read_bytes() if target.exists() else b""
        if sha256_bytes(content) != digest:
            message = "the draft is gone or was changed, needed the bytes its sha256 names; evaluate again"
            raise IntegrityError(message, detail=str(target))
        return content

    def note(self, event: Mapping[str, str | int]) -> None:
        """Append one line to the site's own journal, whole even when several processes write."""
        line = canonical_json({"at": datetime.now(UTC).isoformat(), **event}) + b"\n"
        path = self.folder("logs") / "journal.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def lock(self, name: str) -> Path:
        """The file of a lock."""
        return self.root / "locks" / f"{name}.lock"

    @contextmanager
    def locked(self, name: str) -> Iterator[bool]:
        """Hold the lock `name` if it is free; yields whether it was. The kernel frees it on a kill -9."""
        with locks.opened(self.lock(name)) as descriptor:
            if not locks.take(descriptor):
                yield False
                return
            with locks.signed(descriptor):
                yield True

    @contextmanager
    def _alone(self, stage: str, key: str, inputs: Mapping[str, object]) -> Iterator[None]:
        with locks.opened(self.lock(f"{stage}-{key}")) as descriptor:
            if not locks.take(descriptor):
                self.note(
                    {"event": "waits for another run of the same stage", "stage": stage, "key": key}
                )
                _log.warning("waits for another run of the same stage: %s %s", stage, key)
                locks.wait(descriptor)
            with locks.signed(descriptor, inputs):
                yield

    def _find(self, stage: str, key: str) -> Published | None:
        folder = self._published(stage, key)
        if not folder.exists():
            return None
        os.utime(folder)
        return Published(key=key, output=manifests.verify(folder))

    def _published(self, stage: str, key: str) -> Path:
        return self.root / "published" / stage / key

    def _work(self, stage: str, key: str) -> Path:
        return self.root / "work" / stage / key

    def _recover(self, stage: str, key: str) -> Published | None:
        for attempt in attempts.all_of(self._work(stage, key)):
            if manifests.is_whole(attempt):
                return self._rename(stage, key, attempt)
        return None

    def _make(
        self,
        stage: str,
        inputs: Mapping[str, object],
        make: Callable[[Attempt], None],
        *,
        goes_on: bool,
    ) -> Published:
        key = sha256_json(inputs)
        folder = attempts.begin(self._work(stage, key), inputs, goes_on=goes_on)
        with attempts.resting(folder):
            make(Attempt(files=folder / attempts.FILES, scratch=folder / attempts.SCRATCH))
        written = {"files": file_digests(folder / attempts.FILES), "inputs": dict(inputs)}
        write_whole(folder / manifests.NAME, canonical_json(written))
        return self._rename(stage, key, folder)

    def _rename(self, stage: str, key: str, attempt: Path) -> Published:
        output = manifests.verify(attempt)
        shutil.rmtree(attempt / "scratch", ignore_errors=True)
        target = self._published(stage, key)
        target.parent.mkdir(parents=True, exist_ok=True)
        attempt.rename(target)
        sync_folder(target.parent)
        return Published(key=key, output=output)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing, also after a power cut."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Have what was renamed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
