"""Tiny images for tests, packed by hand as `docker save` and as OCI do it, and badly."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker
import docker.errors
from docker.client import DockerClient
from pydantic import JsonValue

from rounds.digests import sha256_bytes

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
LABEL, RUN = "rounds.test", uuid4().hex  # whose images these are, of several runs at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiny:
    """An image: its config and its uncompressed layers."""

    config: bytes
    layers: tuple[bytes, ...]

    @property
    def digest(self) -> str:
        """What the image is known by."""
        return sha256_bytes(self.config)


def make_tiny(*contents: str, architecture: str = "amd64") -> Tiny:
    """An image with one layer for each content, which is in a file of its own."""
    layers = tuple(pack({"tiny.txt": content.encode()}) for content in contents)
    config: JsonValue = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Labels": {LABEL: RUN}},
        "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
    }
    return Tiny(config=json.dumps(config).encode(), layers=layers)


def digest_of(content: bytes) -> str:
    """The digest of `content` as documents name it."""
    return f"sha256:{sha256_bytes(content)}"


def pack(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """A tar of these files, and of members without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in more:
            archive.addfile(info)
    return buffer.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    """A symbolic link in a tar."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, target
    return info


def saved_files(*images: Tiny, tags: Sequence[str] = ()) -> dict[str, bytes]:
    """The files of a `docker save` of these images, each under its tag if there are any."""
    files: dict[str, bytes] = {}
    listed: list[JsonValue] = []
    for number, image in enumerate(images):
        names = [f"{number}{place}/layer.tar" for place in range(len(image.layers))]
        files.update(zip(names, image.layers, strict=True))
        files[f"{image.digest}.json"] = image.config
        mine: JsonValue = [tags[number]] if tags else None
        entry: dict[str, JsonValue] = {
            "Config": f"{image.digest}.json",
            "RepoTags": mine,
            "Layers": [*names],
        }
        listed.append(entry)
    return {**files, "manifest.json": json.dumps(listed).encode()}


def write_saved(path: Path, *images: Tiny, tags: Sequence[str] = ()) -> Path:
    """A `docker save` of these images at `path`."""
    path.write_bytes(pack(saved_files(*images, tags=tags)))
    return path


class Layout:
    """The files of an OCI layout, being made."""

    def __init__(self) -> None:
        self.files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
        self.listed: list[JsonValue] = []

    def blob(self, content: bytes, kind: str, **more: JsonValue) -> dict[str, JsonValue]:
        """The descriptor of a blob that is now in the layout."""
        self.files[f"blobs/sha256/{sha256_bytes(content)}"] = content
        return {"mediaType": kind, "digest": digest_of(content), "size": len(content), **more}

    def image(self, image: Tiny, *, packed: bool = True, **more: JsonValue) -> dict[str, JsonValue]:
        """The descriptor of an image's manifest."""
        layers: list[JsonValue] = [
            self.blob(gzip.compress(layer), f"{LAYER}+gzip") if packed else self.blob(layer, LAYER)
            for layer in image.layers
        ]
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.blob(image.config, CONFIG),
            "layers": layers,
        }
        return self.blob(json.dumps(manifest).encode(), MANIFEST, **more)

    def index(self, *listed: JsonValue) -> bytes:
        """An index of these descriptors."""
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(listed)}
        return json.dumps(document).encode()

    def finished(self, *listed: JsonValue) -> dict[str, bytes]:
        """All files of the layout, whose index lists these descriptors."""
        return {**self.files, "index.json": self.index(*listed)}


def write_layout(folder: Path, files: Mapping[str, bytes]) -> Path:
    """An OCI layout as a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def platform(architecture: str, system: str = "linux") -> dict[str, JsonValue]:
    """The platform of a descriptor."""
    return {"os": system, "architecture": architecture}


def make_new(*more: str) -> Tiny:
    """An image that no daemon has seen."""
    return make_tiny(uuid4().hex, *more)


@contextmanager
def clean_daemon() -> Iterator[DockerClient]:
    """The Docker daemon, from which the images that the test brought are gone at the end."""
    client = docker.from_env()
    before = {str(image.id) for image in client.images.list(all=True)}
    try:
        yield client
        for image in client.images.list(all=True, filters={"label": f"{LABEL}={RUN}"}):
            if str(image.id) not in before:
                client.images.remove(str(image.id), force=True)
    finally:
        client.close()


def holds(client: DockerClient, image: Tiny) -> bool:
    """Whether the daemon has the image under its id."""
    try:
        return bool(client.images.get(f"sha256:{image.digest}").id == f"sha256:{image.digest}")
    except docker.errors.ImageNotFound:
        return False
