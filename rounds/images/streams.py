"""An image as the stream that `docker load` reads: its config and its layers, verified, and nothing else.

Whatever archive it comes from, the stream has no tag, no second image and no layer that the config does not
name; so loading it renames nothing that the daemon has. Debian 12's Docker 20.10 knows no OCI layouts.
"""

import json
import tarfile
from collections.abc import Iterator

from rounds.images.archives import Image, Layer, is_packed, verified_chunks
from rounds.images.blobs import Blobs

_BLOCK = 512
_END = bytes(2 * _BLOCK)


def docker_archive(blobs: Blobs, image: Image) -> Iterator[bytes]:
    """The bytes of a `docker save` of one image; compressed layers are read twice, since a tar needs sizes.

    Raises:
        IntegrityError: In the midst of it, if a layer's bytes are not those that the config names. What was
            yielded until then is no whole tar, which Docker refuses.
    """
    config, layers = f"{image.digest}.json", [f"{layer.diff_id}.tar" for layer in image.layers]
    listed = [{"Config": config, "RepoTags": None, "Layers": layers}]
    yield from _file("manifest.json", json.dumps(listed).encode())
    yield from _file(config, image.config)
    for layer in {layer.diff_id: layer for layer in image.layers}.values():
        size = _plain_size(blobs, layer)
        yield _header(f"{layer.diff_id}.tar", size)
        yield from verified_chunks(blobs, layer)
        yield bytes(-size % _BLOCK)
    yield _END


def _plain_size(blobs: Blobs, layer: Layer) -> int:
    if is_packed(blobs, layer):
        return sum(map(len, verified_chunks(blobs, layer)))
    return blobs.size(layer.member) or 0


def _file(name: str, content: bytes) -> Iterator[bytes]:
    yield _header(name, len(content))
    yield content + bytes(-len(content) % _BLOCK)


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o644
    return info.tobuf(tarfile.GNU_FORMAT)
