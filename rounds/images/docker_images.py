"""The image a cube runs on, brought to the Docker daemon only if the daemon lacks it, and known by its id.

1. What the daemon has under the id is there: nothing is asked of anybody.
2. Otherwise the store's archive is streamed to it, verified on the way and stripped of tags.
3. Or, where the site lists a registry, the daemon pulls by digest; of a tag it asks the registry which that
   is now, and moves no tag of the site's. The daemon does that by its own network, proxy and authorities;
   the list of registries is what Rounds holds it to.
4. Whatever came is held against the wanted id. Another image is removed again, if it was not there before.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import docker.errors
import requests
from docker.client import DockerClient
from docker.models.images import Image as DockerImage

from rounds.errors import Code, IntegrityError, RunnerError, SpecError
from rounds.images.archives import find_image
from rounds.images.blobs import open_blobs
from rounds.images.store import ImageStore
from rounds.images.streams import docker_archive

HUB = "docker.io"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<registry>localhost|[A-Za-z0-9.-]*[.][A-Za-z0-9.-]*|[A-Za-z0-9.-]+:[0-9]+|\[[0-9a-f:]+\](?::[0-9]+)?)/)?"
    rf"(?P<name>{_PART}(?:/{_PART})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def ensure_image(client: DockerClient, digest: str, store: ImageStore) -> None:
    """Have the daemon hold the image with this id, from the site's own shelf if need be.

    Raises:
        RunnerError: The image is neither there nor on the shelf (`Code.ENGINE_REFUSED`), or the daemon
            does not take it.
        IntegrityError: The archive, or what the daemon made of it, is another image.
    """
    if has_image(client, digest):
        return
    archive = store.archive(digest)
    if archive is None:
        message = (
            f"the image {_id(digest)} is neither on this machine nor in the site's mirror;"
            " take its archive in, or load or build it"
        )
        raise RunnerError(message, code=Code.ENGINE_REFUSED)
    with open_blobs(archive) as blobs:
        load_image(client, docker_archive(blobs, find_image(blobs)), digest)


def has_image(client: DockerClient, digest: str) -> bool:
    """Whether the daemon holds the image with this id.

    Raises:
        RunnerError: The daemon does not answer.
    """
    with _translated():
        try:
            return bool(client.images.get(_id(digest)).id == _id(digest))
        except docker.errors.ImageNotFound:
            return False


def load_image(client: DockerClient, chunks: Iterable[bytes], digest: str) -> None:
    """Hand the stream of a `docker save` to the daemon, and hold what comes out against the id.

    Raises:
        RunnerError: The daemon does not take it.
        IntegrityError: It is another image, which has been removed again, or not this one alone.
    """
    with _translated():
        before = _ids(client)
        loaded = client.images.load(chunks)  # type: ignore[arg-type]  # sent as it comes
        _keep_only(client, loaded, digest=digest, before=before)


def pull(
    client: DockerClient, reference: str, digest: str, allowed_registries: Iterable[str]
) -> None:
    """Have the daemon pull `registry/name`, with a digest or a tag, if it lacks the image with the id `digest`.

    Args:
        reference: Where the image is. Without a registry it is docker.io; with neither tag nor digest, `latest`.
        allowed_registries: `host` or `host:port`, exactly; none allows none.

    Raises:
        SpecError: It is no such reference, or its registry is not allowed.
        RunnerError: The registry or the daemon does not give it.
        IntegrityError: What was pulled is another image, since a tag was moved, say; it has been removed again.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        message = "found no reference of an image, needed registry/name with a tag, or @sha256: and 64 digits"
        raise SpecError(message, detail=reference[:500])
    registry = found["registry"] or HUB
    if registry not in frozenset(allowed_registries):
        message = (
            "found an image of a registry that is not on the site's list, needed a listed one;"
            " the site may add it to its registries, or take the image in by hand"
        )
        raise SpecError(message, detail=registry)
    if has_image(client, digest):
        return
    with _translated():
        before = _ids(client)
        repository = f"{registry}/{found['name']}"
        manifest = found["digest"] or _manifest_of(
            client, f"{repository}:{found['tag'] or 'latest'}"
        )
        pulled = client.images.pull(repository, tag=manifest)
        _keep_only(client, [pulled], digest=digest, before=before)


def _manifest_of(client: DockerClient, reference: str) -> str:
    """The digest that a tag names in its registry now."""
    return str(client.images.get_registry_data(reference).id)


def _keep_only(
    client: DockerClient, found: Iterable[DockerImage], *, digest: str, before: frozenset[str]
) -> None:
    ids = {str(image.id) for image in found}
    for other in ids - before - {_id(digest)}:
        client.images.remove(other, force=True)
    if ids != {_id(digest)}:
        names = ", ".join(sorted(ids)) or "none"
        message = f"Docker made the image {names} of what it was given, needed {_id(digest)}; register the right one"
        raise IntegrityError(message)


def _ids(client: DockerClient) -> frozenset[str]:
    return frozenset(str(image.id) for image in client.images.list(all=True))


def _id(digest: str) -> str:
    return f"sha256:{digest.removeprefix('sha256:')}"


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except docker.errors.DockerException as error:
        message = "Docker could not take an image; its words are in the site's log"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_REFUSED) from error
    except requests.exceptions.RequestException as error:
        message = "the Docker daemon went away while it took an image; start it and run again"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_MISSING) from error
