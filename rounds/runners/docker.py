"""Cubes in Docker containers.

1. The image is looked up by its id just before the run. If Docker lacks it, it comes from the site's mirror, or
   from where its owner says if the site's rules allow that.
2. A container that an earlier, killed runner left for the same stage is removed: one writer at a time.
3. The container is created with `docker_options`, its output is copied to the call's log as it comes.
4. It ends when it exits or when the wall-clock limit passes, and is removed either way.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import docker
import docker.errors
import requests
from docker.client import DockerClient
from docker.models.containers import Container

from cube_specs.models import ContainerType
from rounds.errors import Code, RunnerError
from rounds.images.docker_images import ensure_image, has_image, pull
from rounds.runners.base import (
    RUN_LABEL,
    SITE_LABEL,
    Finished,
    Invocation,
    Source,
    overran,
    scratch_folder,
)
from rounds.runners.call_log import CallLog
from rounds.runners.docker_options import WRITER_LABEL, docker_options, image_id, writer_of
from rounds.runners.docker_output import copied_output
from rounds.runners.docker_sources import find_in_image
from rounds.runners.loopback import write_hosts
from rounds.runners.owner import give_outputs, hand_over
from rounds.runners.usage import usage_of
from rounds.runners.watch import LOOK_S, Watch
from rounds.supplies import Supplies
from site_profiles.models import Unsafe


class DockerRunner:
    """A `Runner` that starts each call in a container of its own, as a user other than root."""

    def __init__(self, supplies: Supplies, unsafe: frozenset[Unsafe] = frozenset()) -> None:
        """Args: supplies: where images come from; unsafe: what its profile grants."""
        self._supplies = supplies
        self._unsafe = unsafe
        self._is_fit = False

    def run(self, call: Invocation) -> Finished:
        """Run `call` in a fresh container.

        Raises:
            RunnerError: No daemon answers (`Code.ENGINE_MISSING`); the image is not at this site, an
                input cannot be read by the container's user, or the daemon is root's and the profile
                does not grant that (`ENGINE_REFUSED`); Docker cannot start it (`CUBE_FAILED`); or the
                call broke a limit (`CUBE_TIMEOUT`, `CUBE_PROCESSES`, `OUTPUT_TOO_LARGE`).
            IntegrityError: The image in the mirror is another one than its name says.
        """
        with _connected() as client, _translated(_named(call)):
            self._need_fit(client)
            self._bring_image(client, call)
            _remove_leftovers(client, call)
            uid, gid = give_outputs(call)
            write_hosts(call)
            if call.given.scratch_on_disk:
                _make_scratch(call)
            options = docker_options(call, user=f"{uid}:{gid}")
            container: Container = client.containers.create(**options)
            try:
                return _follow(client, container, call)
            finally:
                _remove(container)

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:
        """Those of the paths that the image has, read from a container that is never started.

        Raises:
            RunnerError: No daemon answers (`Code.ENGINE_MISSING`), or it does not show them.
        """
        with _connected() as client, _translated(f"a look at the image of cube {call.cube.name}"):
            return find_in_image(client, call, paths)

    def sweep(self, site: str, is_alive: Callable[[str], bool]) -> int:
        """Remove the site's containers whose run is not alive; those of others are left alone.

        Raises:
            RunnerError: No daemon answers (`Code.ENGINE_MISSING`), or it does not remove them.
        """
        with _connected() as client, _translated("the removal of containers"):
            wanted: dict[str, str | list[str] | bool] = {
                "label": [f"{SITE_LABEL}={site}", RUN_LABEL]
            }
            found = client.containers.list(all=True, filters=wanted)
            dead = [one for one in found if not is_alive(one.labels[RUN_LABEL])]
            for container in dead:
                _remove(container)
        return len(dead)

    def _bring_image(self, client: DockerClient, call: Invocation) -> None:
        digest, registries = image_id(call), self._supplies.rules.registries
        if has_image(client, digest):
            return
        self._supplies.bring_image(call.cube)
        if registries and call.cube.config.container_type is ContainerType.DOCKER_IMAGE:
            pull(client, call.cube.config.image, digest, registries)
        ensure_image(client, digest, self._supplies.images)

    def _need_fit(self, client: DockerClient) -> None:
        """Pass if the daemon is rootless, or the profile grants another; asked once."""
        if self._is_fit:
            return
        rootless = "name=rootless" in client.info().get("SecurityOptions", [])
        if not rootless and Unsafe.ROOT_DOCKER not in self._unsafe:
            message = "found a Docker daemon that runs as root, needed a rootless one"
            wanted = f"run Docker rootless, use apptainer, or grant {Unsafe.ROOT_DOCKER} under `unsafe` in the profile"
            raise RunnerError(f"{message}; {wanted}", code=Code.ENGINE_REFUSED)
        self._is_fit = True


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
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except docker.errors.DockerException as error:
        message = f"Docker could not do {what}; its words are in the site's log"
        raise RunnerError(message, detail=str(error)) from error
    except requests.exceptions.RequestException as error:
        message = f"the Docker daemon went away during {what}; start it and run again"
        raise RunnerError(message, detail=str(error), code=Code.ENGINE_MISSING) from error


def _named(call: Invocation) -> str:
    return f"{call.task} of cube {call.cube.name}"


def _make_scratch(call: Invocation) -> None:
    folder = scratch_folder(call)
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() == 0:
        hand_over(folder)


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


def _follow(client: DockerClient, container: Container, call: Invocation) -> Finished:
    written = partial(_written, client, container) if call.given.writable_root else None
    watch = Watch(call, lambda _: usage_of(_pid(container)), written)
    begin = time.monotonic()
    with CallLog(call.log) as log, copied_output(client.api, str(container.id), log):
        try:
            container.start()
            exit_code = _wait(container, watch, deadline=begin + call.limits.timeout_s)
        finally:
            _kill(container)
    if exit_code is None:
        raise overran(call)
    seconds = time.monotonic() - begin
    return Finished(
        exit_code=exit_code,
        seconds=seconds,
        peak_memory=watch.peak_memory,
        out_of_memory=exit_code != 0 and _was_out_of_memory(container),
    )


def _wait(container: Container, watch: Watch, *, deadline: float) -> int | None:
    """The exit status, or None if the deadline came first.

    Raises:
        RunnerError: The call broke a limit that the watch looks at.
        requests.exceptions.RequestException: The daemon went away before the deadline.
    """
    while (left := deadline - time.monotonic()) > 0:
        until = time.monotonic() + min(left, LOOK_S)
        try:
            return int(container.wait(timeout=min(left, LOOK_S))["StatusCode"])
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
            if time.monotonic() < until:
                raise
        watch.look(0)
    return None


def _pid(container: Container) -> int:
    """The pid of the container's first process as this machine sees it; 0 if it has ended."""
    container.reload()
    return int(container.attrs["State"]["Pid"])


def _written(client: DockerClient, container: Container) -> int:
    """How many bytes of its image's files a container has written or changed."""
    found = client.api.containers(all=True, size=True, filters={"id": container.id})
    return sum(int(one.get("SizeRw") or 0) for one in found)


def _was_out_of_memory(container: Container) -> bool:
    container.reload()
    return bool(container.attrs["State"]["OOMKilled"])


def _kill(container: Container) -> None:
    try:
        container.kill()
    except docker.errors.APIError as error:
        if error.status_code != requests.codes.conflict:  # it has ended by itself
            raise
