"""Cubes in Docker containers.

1. The image is looked up by its id just before the run; nothing is pulled.
2. A container that an earlier, killed runner left for the same stage is removed: one writer at a time.
3. The container is created with `docker_options`, its output is copied to the call's log as it comes.
4. It ends when it exits or when the wall-clock limit passes, and is removed either way.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import docker.errors
import requests
from docker.client import DockerClient
from docker.models.containers import Container

from rounds.errors import Code, IntegrityError, RunnerError
from rounds.runners.base import Finished, Invocation, overran
from rounds.runners.call_log import CallLog
from rounds.runners.docker_options import WRITER_LABEL, docker_options, image_id, writer_of
from rounds.runners.docker_output import copied_output

CUBE_UID = 10001


class DockerRunner:
    """A `Runner` that starts each call in a container of its own, as a user other than root."""

    def run(self, call: Invocation) -> Finished:
        """Run `call` in a fresh container.

        Raises:
            RunnerError: No daemon answers (`Code.ENGINE_MISSING`), the image is not on this machine or
                an input cannot be read by the container's user (`ENGINE_REFUSED`), Docker cannot start
                it (`CUBE_FAILED`), or the wall-clock limit passed (`CUBE_TIMEOUT`).
            IntegrityError: The image that Docker holds under the id is another one.
        """
        with _connected() as client, _translated(call):
            _check_image(client, call)
            _remove_leftovers(client, call)
            options = docker_options(call, user=_give_outputs(call))
            container: Container = client.containers.create(**options)
            try:
                return _follow(client, container, call)
            finally:
                _remove(container)


@contextmanager
def _connected() -> Iterator[DockerClient]:
    try:
        client = docker.from_env()
    except docker.errors.DockerException as error:
        message = "found no Docker daemon, needed one for the docker engine; start it, or let this user reach it"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_MISSING) from error
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _translated(call: Invocation) -> Iterator[None]:
    name = f"cube {call.cube.name}, task {call.task}"
    try:
        yield
    except docker.errors.DockerException as error:
        message = f"Docker could not run {name}; its words are in the site's log"
        raise RunnerError(message, detail=str(error)) from error
    except requests.exceptions.RequestException as error:
        message = f"the Docker daemon went away while it ran {name}; start it and run again"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_MISSING) from error


def _check_image(client: DockerClient, call: Invocation) -> None:
    needed = image_id(call)
    try:
        found = client.images.get(needed).id
    except docker.errors.ImageNotFound as error:
        message = f"the image of cube {call.cube.name} is not on this machine, needed {needed}; load or build it"
        raise RunnerError(message, code=Code.ENGINE_REFUSED) from error
    if found != needed:
        message = (
            f"cube {call.cube.name} has the image {found}, needed {needed}; load the right one"
        )
        raise IntegrityError(message)


def _remove_leftovers(client: DockerClient, call: Invocation) -> None:
    label = f"{WRITER_LABEL}={writer_of(call)}"
    for container in client.containers.list(all=True, filters={"label": label}):
        _remove(container)


def _remove(container: Container) -> None:
    try:
        container.remove(force=True, v=True)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        if error.status_code != requests.codes.conflict:
            raise


def _give_outputs(call: Invocation) -> str:
    """The container's `uid:gid`, after making sure that it can write the outputs and read the inputs.

    An ordinary user's containers run as that user. Root's run as a user of no other use, who is given the
    outputs; nothing of an input is changed.
    """
    if os.getuid() != 0:
        return f"{os.getuid()}:{os.getgid()}"
    for mount in call.mounts:
        _each(mount.path, _hand_over if mount.writable else _check_readable)
    return f"{CUBE_UID}:{CUBE_UID}"


def _each(root: Path, act: Callable[[Path], None]) -> None:
    if not root.exists():  # Docker says so in its own words
        return
    act(root)
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            act(Path(folder) / name)


def _hand_over(path: Path) -> None:
    os.chown(path, CUBE_UID, CUBE_UID, follow_symlinks=False)


def _check_readable(path: Path) -> None:
    status = path.lstat()
    needed = 0o5 if stat.S_ISDIR(status.st_mode) else 0o4
    mode = status.st_mode >> 6 if status.st_uid == CUBE_UID else status.st_mode
    if mode & needed != needed:
        message = (
            "an input can be read by root only, but cubes never run as root; grant others read access,"
            " or run the worker as the user who owns the data"
        )
        raise RunnerError(message, detail=str(path), code=Code.ENGINE_REFUSED)


def _follow(client: DockerClient, container: Container, call: Invocation) -> Finished:
    begin = time.monotonic()
    with CallLog(call.log) as log, copied_output(client.api, str(container.id), log):
        try:
            container.start()
            exit_code = _wait(container, deadline=begin + call.limits.timeout_s)
        finally:
            _kill(container)
    if exit_code is None:
        raise overran(call)
    return Finished(exit_code=exit_code, seconds=time.monotonic() - begin)


def _wait(container: Container, *, deadline: float) -> int | None:
    """The exit status, or None if the deadline came first.

    Raises:
        requests.exceptions.RequestException: The daemon went away before the deadline.
    """
    left = max(deadline - time.monotonic(), 0.001)
    try:
        return int(container.wait(timeout=left)["StatusCode"])
    except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
        if time.monotonic() < deadline:
            raise
        return None


def _kill(container: Container) -> None:
    try:
        container.kill()
    except docker.errors.APIError as error:
        if error.status_code != requests.codes.conflict:  # it has ended by itself
            raise
