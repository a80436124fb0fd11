"""A cube's additional files: fetched from the site's mirror by digest, unpacked once, safely."""

import shutil
from pathlib import Path

from rounds.digests import sha256_file
from rounds.errors import IntegrityError, RoundsError
from rounds.tarballs import unpack
from rounds.workspace import Attempt, Workspace

MAX_FILES = 10_000
MAX_BYTES = 20 * 1024**3


def find_additional_files(sha256: str, *, mirror: Path, workspace: Workspace) -> Path:
    """The folder with the unpacked tarball named by `sha256`.

    Raises:
        IntegrityError: The mirror has no such tarball, its bytes do not match, it is no gzipped tar, or
            it holds more than plain files and folders below its root, each named once, within bounds;
            then nothing of it stays on the disk.
        RunnerError: The disk has no room for it.
    """

    def make(attempt: Attempt) -> None:
        tarball = mirror / f"{sha256}.tar.gz"
        if not tarball.exists():
            message = "the site's mirror lacks a cube's additional files; put <sha256>.tar.gz there"
            raise IntegrityError(message, detail=str(tarball))
        if (found := sha256_file(tarball)) != sha256:
            message = f"additional files have sha256 {found}, needed {sha256}; fetch them again"
            raise IntegrityError(message)
        try:
            unpack(tarball, attempt.files, max_files=MAX_FILES, max_bytes=MAX_BYTES)
        except RoundsError:
            shutil.rmtree(attempt.files, ignore_errors=True)
            raise

    published = workspace.publish("additional_files", {"sha256": sha256}, make)
    return workspace.files("additional_files", published)
