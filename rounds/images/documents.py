"""The documents inside image archives, of the OCI image specification 1.1 and of `docker save`."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError
from rounds.images.blobs import Blobs, lacking, read_document

MAX_LAYERS = 512
ATTESTATION = "vnd.docker.reference.type"
NAME_KEYS = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
M = TypeVar("M")
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True)


class Platform(_Document):
    """What an image runs on."""

    os: str = ""
    architecture: str = ""


class Descriptor(_Document):
    """A blob by its digest and size; in an index also what for."""

    digest: Digest
    size: int = Field(ge=0)
    platform: Platform | None = None
    annotations: dict[str, str] = {}

    @property
    def names(self) -> frozenset[str]:
        """What the one who packed it called it."""
        return frozenset(self.annotations[key] for key in NAME_KEYS if key in self.annotations)


class IndexOrManifest(_Document):
    """An OCI index (`manifests`) or an image's manifest (`config` and `layers`)."""

    manifests: tuple[Descriptor, ...] = Field(default=(), max_length=256)
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = Field(default=(), max_length=MAX_LAYERS)


class RootFs(_Document):
    """The digests of an image's uncompressed layers, from the lowest up."""

    diff_ids: tuple[Digest, ...] = Field(max_length=MAX_LAYERS)


class Config(Platform):
    """What of an image's config matters here."""

    rootfs: RootFs


class Saved(_Document):
    """One image of a `docker save`."""

    config: str = Field(alias="Config")
    tags: tuple[str, ...] | None = Field(default=None, alias="RepoTags")
    layers: tuple[str, ...] = Field(default=(), alias="Layers", max_length=MAX_LAYERS)


SAVED = TypeAdapter(tuple[Saved, ...])
INDEX = TypeAdapter(IndexOrManifest)
CONFIG = TypeAdapter(Config)


def parse(kind: TypeAdapter[M], content: bytes) -> M:
    """The document that `content` is.

    Raises:
        IntegrityError: It is none of this kind.
    """
    try:
        return kind.validate_json(content)
    except ValidationError as error:
        message = (
            "found a document in an image's archive that is none, needed a sound one; save it anew"
        )
        details = error.errors(include_url=False, include_input=False)
        raise IntegrityError(message, detail=str(details)) from None


def read_blob(blobs: Blobs, descriptor: Descriptor) -> bytes:
    """The small blob that a descriptor names.

    Raises:
        IntegrityError: It is not there, or its bytes are not those that the digest names.
    """
    name = blob_name(descriptor)
    content = read_document(blobs, name)
    if sha256_bytes(content) != name.rpartition("/")[2] or len(content) != descriptor.size:
        raise lacking(name)
    return content


def blob_name(descriptor: Descriptor) -> str:
    """Where a layout keeps the blob."""
    return f"blobs/sha256/{descriptor.digest.removeprefix('sha256:')}"
