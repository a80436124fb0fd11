"""What Docker is told of one call, as a value: read it to know how a cube is held."""

from typing import TypedDict

from docker.types import DeviceRequest, LogConfig, Mount

from rounds.digests import sha256_bytes
from rounds.errors import Code, RunnerError
from rounds.runners.base import ALL_GPUS, Invocation, scratch_folder
from rounds.runners.loopback import hosts_mount
from rounds.runners.words import SCRATCH, scratch_environment, words

WRITER_LABEL = "rounds.writer"
_GIB = 1024**3


class DockerOptions(TypedDict):
    """The keyword arguments of the Docker SDK's `containers.create`."""

    image: str
    command: list[str] | None
    entrypoint: list[str] | None
    environment: dict[str, str]
    user: str
    mounts: list[Mount]
    labels: dict[str, str]
    network_mode: str
    network_disabled: bool
    cap_drop: list[str]
    security_opt: list[str]
    read_only: bool
    tmpfs: dict[str, str]
    shm_size: str
    pids_limit: int
    mem_limit: int
    memswap_limit: int
    nano_cpus: int
    init: bool
    log_config: LogConfig
    device_requests: list[DeviceRequest]


def docker_options(call: Invocation, *, user: str) -> DockerOptions:
    """What `containers.create` gets for `call`: no network, no privileges, a read-only root, limits.

    Only what the call was given is otherwise: a root that can be written, a larger /tmp, GPUs.

    Pure: touches neither the disk nor the daemon, and leaves the cube's config as it is. The image's own
    working folder stays in force. Docker keeps no log of its own, so that output costs no disk there, and
    sets up no network: the kernel gives a container an empty one, where Docker would start itself anew for it.

    Args:
        user: `uid:gid` inside the container; it must be able to write the outputs.

    Raises:
        RunnerError: The cube has no image (`Code.ENGINE_REFUSED`).
    """
    asked = call.cube.config.tasks[call.task].run_args
    memory = int(call.limits.memory_gib * _GIB)
    return DockerOptions(
        image=image_id(call),
        command=words(asked.command),
        entrypoint=words(asked.entrypoint),
        environment={**scratch_environment(), **asked.environment},
        user=user,
        mounts=_bind_mounts(call),
        labels={**call.labels, "rounds": "1", WRITER_LABEL: writer_of(call)},
        network_mode="none",
        network_disabled=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        read_only=not call.given.writable_root,
        tmpfs={} if call.given.scratch_on_disk else {SCRATCH: _tmpfs(call)},
        shm_size=asked.shm_size or "64m",
        pids_limit=call.limits.pids,
        mem_limit=memory,
        memswap_limit=memory,
        nano_cpus=int(call.limits.cpus * 1e9),
        init=True,
        log_config=LogConfig(type="none"),
        device_requests=_devices(call.given.gpus),
    )


def image_id(call: Invocation) -> str:
    """The id of the cube's image, `sha256:` and 64 digits: the only name by which it is run.

    Raises:
        RunnerError: The cube has no image (`Code.ENGINE_REFUSED`).
    """
    digest = call.cube.artifacts.get("image")
    if digest is None:
        message = (
            f"cube {call.cube.name} is registered without an image, needed one for the docker engine;"
            " register it with the id of its image"
        )
        raise RunnerError(message, code=Code.ENGINE_REFUSED)
    return f"sha256:{digest}"


def writer_of(call: Invocation) -> str:
    """What marks every container that writes this call's log, and so this stage's outputs, at any attempt."""
    return sha256_bytes(str(call.log.absolute()).encode())


def _tmpfs(call: Invocation) -> str:
    return f"size={int(call.limits.tmp_gib * _GIB)},mode=1777,nosuid,nodev,exec"


def _devices(gpus: tuple[str, ...]) -> list[DeviceRequest]:
    if not gpus:
        return []
    which = {"count": -1} if gpus == ALL_GPUS else {"device_ids": list(gpus)}
    return [DeviceRequest(capabilities=[["gpu"]], **which)]


def _bind_mounts(call: Invocation) -> list[Mount]:
    scratch = Mount(target=SCRATCH, source=str(scratch_folder(call).absolute()), type="bind")
    own = [scratch] if call.given.scratch_on_disk else []
    return own + [
        Mount(
            target=mount.inside,
            source=str(mount.path.absolute()),
            type="bind",
            read_only=not mount.writable,
        )
        for mount in (hosts_mount(call), *call.mounts)
    ]
