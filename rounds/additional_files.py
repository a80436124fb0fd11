"""A cube's additional files: found by digest, unpacked once, safely."""

import shutil
from pathlib import Path

from rounds.attempts import Attempt
from rounds.cubes import Cube
from rounds.digests import sha256_file
from rounds.errors import IntegrityError, RoundsError
from rounds.supplies import Supplies
from rounds.tarballs import unpack
from rounds.workspace import Workspace

MAX_FILES = 10_000
MAX_BYTES = 20 * 1024**3


def find_additional_files(cube: Cube, *, supplies: Supplies, workspace: Workspace) -> Path:
    """The folder with a cube's additional files.

    Raises:
        IntegrityError: The tarball is not there, its bytes do not match, it is no gzipped tar, or it holds
            more than plain files and folders below its root, each named once, within bounds; then
            nothing of it stays on the disk.
        SpecError, Unreachable: It cannot be fetched from where its owner says.
        RunnerError: The disk has no room for it.
    """
    sha256 = cube.additional_files_sha256

    def make(attempt: Attempt) -> None:
        tarball = supplies.find_tarball(cube)
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
