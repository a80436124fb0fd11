"""Images in archives, read without an engine: `docker save` tars, and OCI layouts as folder or tar.

1. An archive holds one image for this platform, or the caller names which.
2. Its config's sha256 is the image's digest, Docker's id. The config names each layer's uncompressed
   bytes, so that the digest vouches for everything that runs; tags and names vouch for nothing.
3. `verified_chunks` is the only way to a layer's bytes, and ends in an error if they are others.
"""

import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError
from rounds.images.blobs import Blobs, open_blobs, read_chunks, read_document
from rounds.images.documents import (
    ATTESTATION,
    CONFIG,
    INDEX,
    SAVED,
    Config,
    Descriptor,
    Platform,
    blob_name,
    parse,
    read_blob,
)

THIS_PLATFORM = Platform(os="linux", architecture="amd64")
MAX_LAYER = 64 * 1024**3
_MAX_DEPTH = 3
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_HEX = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer: where it lies, the sha256 of its uncompressed bytes, and of the stored ones if known."""

    member: str
    diff_id: str
    stored: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One image of an archive. `digest` (64 hex digits) is the sha256 of `config`, Docker's image id."""

    digest: str
    config: bytes
    layers: tuple[Layer, ...]


def read_image(path: Path, *, name: str | None = None) -> Image:
    """The one image of an archive, its config held against its digest; layers are not read.

    Args:
        name: The tag or name in the archive, needed where it holds several images.

    Raises:
        IntegrityError: The archive is unsound, holds several images or none, or none for linux/amd64.
    """
    with open_blobs(path) as blobs:
        return find_image(blobs, name=name)


def verify(path: Path, *, name: str | None = None) -> Image:
    """As `read_image`, after reading every layer and holding it against its digests.

    Raises:
        IntegrityError: As `read_image`, or a layer's bytes are not those that the config names.
    """
    with open_blobs(path) as blobs:
        image = find_image(blobs, name=name)
        for layer in image.layers:
            for _ in verified_chunks(blobs, layer):
                pass
        return image


def find_image(blobs: Blobs, *, name: str | None = None) -> Image:
    """The one image among `blobs`; see `read_image`."""
    if blobs.size("manifest.json") is not None:
        return _find_saved(blobs, name)
    if blobs.size("oci-layout") is None:
        message = "found neither a docker save nor an OCI layout, needed one; save the image anew"
        raise IntegrityError(message)
    top = parse(INDEX, read_document(blobs, "index.json"))
    found = {
        descriptor.digest: descriptor
        for descriptor in _manifests(blobs, top.manifests, name)
        if _runs_here(blobs, descriptor)
    }
    manifest = parse(INDEX, read_blob(blobs, _one(list(found.values()))))
    if manifest.config is None:
        raise IntegrityError("found a manifest without a config in an image's archive, needed one")
    config = read_blob(blobs, manifest.config)
    stored = [(blob_name(layer), layer.digest.removeprefix("sha256:")) for layer in manifest.layers]
    return _image(blobs, config, stored)


def verified_chunks(blobs: Blobs, layer: Layer) -> Iterator[bytes]:
    """A layer's uncompressed bytes.

    Raises:
        IntegrityError: At the end, if they are not those that the config and the manifest name.
    """
    if layer.stored is not None:
        with blobs.open(layer.member) as file:
            _check(_sha256(read_chunks(file)), layer.stored)
    digest, size = hashlib.sha256(), 0
    with _unpacked(blobs, layer) as file:
        for chunk in read_chunks(file):
            size += len(chunk)
            if size > MAX_LAYER:
                raise IntegrityError(f"found a layer larger than {MAX_LAYER} bytes; refused")
            digest.update(chunk)
            yield chunk
    _check(digest.hexdigest(), layer.diff_id)


def is_packed(blobs: Blobs, layer: Layer) -> bool:
    """Whether a layer is stored compressed."""
    with blobs.open(layer.member) as file:
        return file.read(2) == _GZIP


@contextmanager
def _unpacked(blobs: Blobs, layer: Layer) -> Iterator[BinaryIO]:
    with blobs.open(layer.member) as file:
        begins = file.read(4)
    if begins == _ZSTD:
        message = "found a layer packed with zstd, needed gzip or none; save the image anew"
        raise IntegrityError(message)
    with blobs.open(layer.member) as file:
        if not begins.startswith(_GZIP):
            yield file
            return
        try:
            with gzip.GzipFile(fileobj=file) as plain:
                yield plain  # type: ignore[misc]  # reads as a file of bytes
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            message = (
                "found a layer that cannot be unpacked, needed sound gzip; save the image anew"
            )
            raise IntegrityError(message, detail=str(error)) from error


def _find_saved(blobs: Blobs, name: str | None) -> Image:
    images = parse(SAVED, read_document(blobs, "manifest.json"))
    saved = _one([image for image in images if name is None or name in (image.tags or ())])
    config = read_document(blobs, saved.config)
    claimed = _HEX.fullmatch(saved.config.removesuffix(".json").removeprefix("blobs/sha256/"))
    if claimed:
        _check(sha256_bytes(config), claimed[0])
    return _image(blobs, config, [(member, None) for member in saved.layers])


def _image(blobs: Blobs, config: bytes, stored: Sequence[tuple[str, str | None]]) -> Image:
    told = parse(CONFIG, config)
    if not _is_this(told):
        raise _not_one(0)
    diff_ids = [diff_id.removeprefix("sha256:") for diff_id in told.rootfs.diff_ids]
    if len(stored) != len(diff_ids):
        message = f"found {len(stored)} layers in an image's archive, needed the {len(diff_ids)} of its config"
        raise IntegrityError(message)
    # Docker saves a layer that occurs twice as a link to itself: its bytes lie at the other place.
    pairs = list(zip(stored, diff_ids, strict=True))
    there = {diff_id: place for place, diff_id in pairs if blobs.size(place[0]) is not None}
    places = [(*there.get(diff_id, place), diff_id) for place, diff_id in pairs]
    layers = tuple(
        Layer(member=member, stored=digest, diff_id=diff_id) for member, digest, diff_id in places
    )
    return Image(digest=sha256_bytes(config), config=config, layers=layers)


def _manifests(
    blobs: Blobs, listed: Sequence[Descriptor], name: str | None, depth: int = 1
) -> Iterator[Descriptor]:
    """The manifests of images in an index and the indexes below it, of one name if one is wanted."""
    for descriptor in listed:
        if ATTESTATION in descriptor.annotations or not (name is None or name in descriptor.names):
            continue
        below = parse(INDEX, read_blob(blobs, descriptor)).manifests
        if not below:
            yield descriptor
        elif depth < _MAX_DEPTH:
            yield from _manifests(blobs, below, None, depth + 1)


def _runs_here(blobs: Blobs, descriptor: Descriptor) -> bool:
    if descriptor.platform is not None:
        return _is_this(descriptor.platform)
    manifest = parse(INDEX, read_blob(blobs, descriptor))
    return manifest.config is not None and _is_this(
        parse(CONFIG, read_blob(blobs, manifest.config))
    )


def _is_this(platform: Platform | Config) -> bool:
    found = (platform.os, platform.architecture)
    return found == (THIS_PLATFORM.os, THIS_PLATFORM.architecture)


def _one(found: Sequence[T]) -> T:
    if len(found) != 1:
        raise _not_one(len(found))
    return found[0]


def _not_one(n_images: int) -> IntegrityError:
    message = f"found {n_images} images for linux/amd64 in an archive, needed one; name it, or save it alone"
    return IntegrityError(message)


def _sha256(chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _check(found: str, needed: str) -> None:
    if found != needed:
        message = (
            f"a part of an image's archive has sha256 {found}, needed {needed}; save the image anew"
        )
        raise IntegrityError(message)
