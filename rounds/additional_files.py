"""A cube's additional files: fetched from the site's mirror by digest, unpacked once, safely."""

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath

from rounds.digests import sha256_file
from rounds.errors import IntegrityError
from rounds.workspace import Attempt, Workspace

_UNSOUND = (
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    FileExistsError,
    NotADirectoryError,
)
MAX_FILES = 10_000
MAX_BYTES = 20 * 1024**3


def find_additional_files(sha256: str, *, mirror: Path, workspace: Workspace) -> Path:
    """The folder with the unpacked tarball named by `sha256`.

    Raises:
        IntegrityError: The mirror has no such tarball, its bytes do not match, it is no gzipped tar, or
            it holds more than plain files and folders below its root, each named once.
    """

    def unpack(attempt: Attempt) -> None:
        tarball = mirror / f"{sha256}.tar.gz"
        if not tarball.exists():
            message = "the site's mirror lacks a cube's additional files; put <sha256>.tar.gz there"
            raise IntegrityError(message, detail=str(tarball))
        if (found := sha256_file(tarball)) != sha256:
            message = f"additional files have sha256 {found}, needed {sha256}; fetch them again"
            raise IntegrityError(message)
        _unpack(tarball, attempt.files)

    published = workspace.publish("additional_files", {"sha256": sha256}, unpack)
    return workspace.files("additional_files", published)


def _unpack(tarball: Path, target: Path) -> None:
    try:
        _write_members(tarball, target)
    except _UNSOUND as error:
        message = "a cube's additional files could not be unpacked, needed a sound .tar.gz; its author must pack it anew"
        raise IntegrityError(message, detail=str(error)) from error


def _write_members(tarball: Path, target: Path) -> None:
    files = size = 0
    with tarfile.open(tarball, "r:gz") as archive:
        for member in archive:
            files, size = files + 1, size + member.size
            _check_member(member, files, size)
            path = target / PurePosixPath(member.name)
            if member.isdir():
                path.mkdir(parents=True, exist_ok=True)
            else:
                _write_member(archive, member, path)


def _check_member(member: tarfile.TarInfo, files: int, size: int) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isreg() or member.isdir()):
        message = "a cube's additional files hold a link, a device or a path that leaves the folder; refused"
        raise IntegrityError(message, detail=member.name)
    if files > MAX_FILES or size > MAX_BYTES:
        message = (
            f"a cube's additional files exceed {MAX_FILES} files or {MAX_BYTES} bytes; refused"
        )
        raise IntegrityError(message)


def _write_member(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(member)
    if content is None or path.exists():
        message = "a cube's additional files name one file twice; refused"
        raise IntegrityError(message, detail=member.name)
    with content, path.open("wb") as file:
        while chunk := content.read(1 << 20):
            file.write(chunk)
