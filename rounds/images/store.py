"""A site's shelf of images: archives and SIFs under the digest that names them, from no registry.

1. `<digest>.tar` is a Docker or OCI archive of the image with that id, `<sha256>.sif` an Apptainer image.
2. Each use verifies anew, and remembers nothing: a SIF's every byte, of an archive the config. Its layers
   are held against the config while they are read, by whoever reads them.
3. What is put there has been verified whole, and takes its name by one rename. Nothing is overwritten.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from secrets import token_hex

from rounds.digests import sha256_file
from rounds.errors import IntegrityError, RunnerError, SpecError
from rounds.fetching.fetcher import Check, Fetcher, Progress, has_sha256, unheard
from rounds.images.archives import find_image, read_image, verify
from rounds.images.blobs import open_blobs, read_chunks
from rounds.images.streams import docker_archive

_HEX = re.compile(r"[0-9a-f]{64}")
CONVERTED = "converted"  # in the cache: Docker images as SIFs, each under the image's id
_SIF_MAGIC, _SIF_MAGIC_AT = b"SIF_MAGIC", 32  # after the launcher line, sylabs/sif pkg/sif


class Kind(StrEnum):
    """What a file of the shelf is, by its ending."""

    ARCHIVE = "tar"
    SIF = "sif"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageStore:
    """The site's `mirror`, filled by hand and perhaps read-only to workers, and their own `cache`."""

    mirror: Path = field(repr=False)
    cache: Path = field(repr=False)

    def archive(self, digest: str) -> Path | None:
        """The archive of the image with this id; None if there is none.

        Its config is verified here, its layers as they are read: see `docker_images.ensure_image`.

        Raises:
            IntegrityError: The file of this name holds another image, or none.
        """
        path = self._find(digest, Kind.ARCHIVE)
        if path is not None:
            _check(read_image(path).digest, digest)
        return path

    def sif(self, digest: str) -> Path | None:
        """The SIF with this sha256, every byte verified; None if there is none.

        Raises:
            IntegrityError: The file of this name has another sha256.
        """
        path = self._find(digest, Kind.SIF)
        if path is not None:
            _check(sha256_file(path), _hex(digest))
        return path

    def take_in(self, file: Path, *, name: str | None = None) -> str:
        """Put an image into the mirror, and return its digest (64 hex digits).

        Args:
            file: A Docker or OCI archive, the folder of an OCI layout, or a SIF. Left as it is.
            name: Which image of the archive, if it holds several.

        Raises:
            SpecError: There is no such file.
            IntegrityError: It is no sound image, or what lies under the digest already is not.
            RunnerError: The mirror cannot be written.
        """
        if not file.exists():
            raise SpecError("found no image to take in, needed an archive", detail=str(file))
        if is_sif(file):
            return self._take_sif(file)
        with open_blobs(file) as blobs:
            image = find_image(blobs, name=name)
            target = self.mirror / f"{image.digest}.{Kind.ARCHIVE}"
            _put(target, docker_archive(blobs, image), check=_is_image(image.digest))
        return image.digest

    def fetch(
        self,
        url: str,
        digest: str,
        fetcher: Fetcher,
        *,
        kind: Kind = Kind.ARCHIVE,
        progress: Progress = unheard,
    ) -> Path:
        """The image of this digest, fetched into the cache by the site's rules if it is on no shelf.

        Raises:
            SpecError, IntegrityError, Unreachable, RunnerError: As `Fetcher.fetch_checked`; what came is
                verified whole before it is there.
        """
        found = self.archive(digest) if kind is Kind.ARCHIVE else self.sif(digest)
        if found is not None:
            return found
        target = self.cache / f"{_hex(digest)}.{kind}"
        check = _is_image(digest) if kind is Kind.ARCHIVE else has_sha256(_hex(digest))
        fetcher.fetch_checked(url, target, check=check, progress=progress)
        return target

    def _find(self, digest: str, kind: Kind) -> Path | None:
        name = f"{_hex(digest)}.{kind}"
        places = [folder / name for folder in (self.mirror, self.cache)]
        return next((place for place in places if place.is_file()), None)

    def _take_sif(self, file: Path) -> str:
        digest = sha256_file(file)
        with file.open("rb") as content:
            target = self.mirror / f"{digest}.{Kind.SIF}"
            _put(target, read_chunks(content), check=has_sha256(digest))
        return digest


def _is_image(digest: str) -> Check:
    def check(path: Path) -> None:
        _check(verify(path).digest, digest)

    return check


def _put(target: Path, chunks: Iterable[bytes], *, check: Check) -> None:
    if target.exists():
        check(target)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, chunks, check)
    except OSError as error:
        message = "the site's mirror did not take an image, needed a folder that can be written, with room"
        raise RunnerError(message, detail=str(error)) from error


def _write(target: Path, chunks: Iterable[bytes], check: Check) -> None:
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        check(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def is_sif(file: Path) -> bool:
    """Whether a file begins as an Apptainer image does."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(_SIF_MAGIC_AT + len(_SIF_MAGIC)).endswith(_SIF_MAGIC)


def _hex(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    if not _HEX.fullmatch(digits):
        message = "found something else than a digest, needed sha256: and 64 hex digits"
        raise SpecError(message, detail=digest[:200])
    return digits


def _check(found: str, digest: str) -> None:
    if found != _hex(digest):
        message = (
            f"the site's mirror holds the image {found} under the name of another, needed {_hex(digest)};"
            " remove it and take the right one in"
        )
        raise IntegrityError(message)
