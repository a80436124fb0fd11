"""The Docker images of this repository's cubes, built from their folders."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors
from docker.client import DockerClient

from rounds.errors import Code, RunnerError
from rounds.runners.process import CUBES

LAST_WORDS = 4000


def build_images(cubes: Path = CUBES) -> dict[str, str]:
    """The id of each cube's image (64 hex digits) by the cube's name, built where Docker's cache lacks it.

    Raises:
        RunnerError: No daemon answers (`Code.ENGINE_MISSING`), or an image cannot be built.
    """
    folders = sorted(file.parent for file in cubes.glob("*/Dockerfile"))
    return {folder.name: build_image(folder) for folder in folders}


def build_image(folder: Path, step: str | None = None) -> str:
    """The id (64 hex digits) of the image built from a cube's folder, tagged `rounds/<name>:1`.

    Of a workflow's further image `step` the file is `Dockerfile.<step>`, and `rounds/<name>-<step>:1` the tag.

    Raises:
        RunnerError: No daemon answers (`Code.ENGINE_MISSING`), or the image cannot be built.
    """
    file = f"Dockerfile.{step}" if step else "Dockerfile"
    tag = f"rounds/{folder.name}-{step}:1" if step else f"rounds/{folder.name}:1"
    with _connected() as client:
        try:
            image, _ = client.images.build(path=str(folder), dockerfile=file, tag=tag, rm=True)
        except docker.errors.BuildError as error:
            said = "".join(str(line.get("stream", "")) for line in error.build_log)
            raise _unbuilt(folder.name, f"{said[-LAST_WORDS:]}{error}") from error
        except docker.errors.APIError as error:
            raise _unbuilt(folder.name, str(error)) from error
    return str(image.id).removeprefix("sha256:")


def save_image(digest: str, mirror: Path) -> None:
    """Put an image that Docker holds into a mirror, as an archive named by its id; what is there stays.

    Raises:
        RunnerError: No daemon answers (`Code.ENGINE_MISSING`), or it has no such image.
    """
    target = mirror / f"{digest}.tar"
    if target.exists():
        return
    mirror.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with _connected() as client:
        try:
            image = client.images.get(f"sha256:{digest}")
        except docker.errors.NotFound as error:
            message = f"found no image {digest} in Docker, needed it; build or load it"
            raise RunnerError(message, detail=str(error)) from error
        with part.open("wb") as file:
            file.writelines(image.save())
    part.rename(target)


def _unbuilt(name: str, detail: str) -> RunnerError:
    message = f"the image of cube {name} cannot be built; is its base image there?"
    return RunnerError(message, detail=detail)


@contextmanager
def _connected() -> Iterator[DockerClient]:
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        message = "found no Docker daemon, needed one to build the cubes' images; start it"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_MISSING) from error
    try:
        yield client
    finally:
        client.close()


if __name__ == "__main__":
    for name, digest in build_images().items():
        sys.stdout.write(f"{name} {digest}\n")
