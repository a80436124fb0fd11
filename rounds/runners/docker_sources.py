"""A look into the image of a cube under Docker: at files of a container that is created and never started."""

import io
import tarfile
from collections.abc import Collection, Iterator, Mapping

import docker.errors
from docker.client import DockerClient
from docker.models.containers import Container

from rounds.runners.base import Invocation, Source
from rounds.runners.crash import MAX_SOURCE_BYTES, count_lines
from rounds.runners.docker_options import WRITER_LABEL, image_id, writer_of

_TAR_BYTES = MAX_SOURCE_BYTES + 64 * 1024  # what stands around one file


def find_in_image(
    client: DockerClient, call: Invocation, paths: Collection[str]
) -> Mapping[str, Source]:
    """Those of the paths that are plain files of the call's image; nothing is mounted, and nothing runs.

    The container is marked as the call's own is, so that one which a killed worker leaves is removed too.

    Raises:
        docker.errors.DockerException: The daemon refuses.
        RunnerError: The cube has no image (`Code.ENGINE_REFUSED`).
    """
    config = client.images.get(image_id(call)).attrs.get("Config") or {}
    container: Container = client.containers.create(
        image_id(call),
        entrypoint=["never-started"],
        network_mode="none",
        labels={**call.labels, WRITER_LABEL: writer_of(call)},
    )
    try:
        contents = {path: _read(container, path) for path in paths}
    finally:
        container.remove(force=True, v=True)
    return {
        path: Source(lines=count_lines(content), folder=config.get("WorkingDir") or "/")
        for path, content in contents.items()
        if content is not None
    }


def _read(container: Container, path: str) -> bytes | None:
    """A file's content; None if there is no plain file there, or a large one."""
    try:
        chunks, _ = container.get_archive(path)
    except docker.errors.NotFound:
        return None
    packed = _up_to(chunks, _TAR_BYTES)
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            member = archive.next()
            if member is None or not member.isreg() or member.size > MAX_SOURCE_BYTES:
                return None
            file = archive.extractfile(member)
            return file.read() if file else None
    except tarfile.TarError:
        return None


def _up_to(chunks: Iterator[bytes], n_bytes: int) -> bytes:
    packed = bytearray()
    for chunk in chunks:
        packed += chunk
        if len(packed) > n_bytes:
            break
    return bytes(packed)
