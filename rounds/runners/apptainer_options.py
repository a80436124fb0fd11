"""What Apptainer is told of one call, as a list of arguments: read it to know how a cube is held."""

import csv
import io
import os
import shlex
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rounds.runners.base import ALL_GPUS, Invocation, Mount, scratch_folder
from rounds.runners.loopback import hosts_mount, write_hosts
from rounds.runners.words import SCRATCH, scratch_environment, words

SECCOMP = "seccomp.json"
CONFIG = "apptainer.conf"
ENVIRONMENT = "environment.sh"
OVERLAY = "root"
HERE = Path(__file__).parent
# Where a user's own control groups come from, if there are any: their systemd, asked over their bus.
SESSION = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
_ISOLATED = (
    *("--containall", "--cleanenv", "--no-eval", "--no-umask"),
    *("--no-mount", "bind-paths,home,cwd,hostfs"),
    *("--net", "--network", "none"),
)
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How this machine can hold a cube: as which user, as root or not, and with control groups or without."""

    uid: int
    gid: int
    is_root: bool
    has_groups: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sif:
    """An image on this machine's disk, and the folder its program starts in."""

    path: Path = field(repr=False)
    workdir: str


def apptainer_options(call: Invocation, sif: Sif, held: Held) -> list[str]:
    """The arguments of `apptainer` for `call`: no network, no privileges, a read-only root, limits.

    Pure. What `write_settings` writes into the call's scratch is referred to by name: start it there.
    The image's own working folder stays in force, as Docker has it.
    """
    asked = call.cube.config.tasks[call.task].run_args
    entrypoint, command = words(asked.entrypoint), words(asked.command) or []
    return [
        *("--silent", *(("--config", CONFIG) if held.is_root else ())),
        "run" if entrypoint is None else "exec",
        *_ISOLATED,
        *_held_options(call, held),
        *("--cwd", sif.workdir),
        *_mounts(call),
        *(("--overlay", OVERLAY) if call.given.writable_root else ()),
        *(("--nv",) if call.given.gpus else ()),
        str(sif.path),
        *(entrypoint or ()),
        *command,
    ]


def apptainer_environment(call: Invocation) -> dict[str, str]:
    """What the `apptainer` process is given for the cube: nothing of it is an argument that others see."""
    asked = call.cube.config.tasks[call.task].run_args.environment
    environment = {**scratch_environment(), **asked, **_gpu_environment(call.given.gpus)}
    return {f"APPTAINERENV_{name}": value for name, value in environment.items() if name != "HOME"}


def own_environment(home: Path) -> dict[str, str]:
    """What Apptainer itself is given: where its programs are, the user's session, and a home."""
    kept = {name: os.environ[name] for name in ("PATH", *SESSION) if name in os.environ}
    return {**kept, "HOME": str(home.absolute()), "LANG": "C.UTF-8"}


def write_settings(call: Invocation) -> None:
    """Put what the arguments refer to into the call's scratch: filter, configuration, home, and /tmp."""
    for name in (SECCOMP, CONFIG):
        (call.scratch / name).write_bytes((HERE / name).read_bytes())
    asked = call.cube.config.tasks[call.task].run_args.environment
    home = shlex.quote(asked.get("HOME", SCRATCH))
    (call.scratch / ENVIRONMENT).write_text(f"export HOME={home}\n", encoding="utf-8")
    (call.scratch / ENVIRONMENT).chmod(0o644)
    write_hosts(call)
    scratch_folder(call).mkdir(mode=0o700, exist_ok=True)
    if call.given.writable_root:
        _make_overlay(call.scratch / OVERLAY)


def _gpu_environment(gpus: tuple[str, ...]) -> dict[str, str]:
    """Which GPUs a program sees; a wish that CUDA heeds, since Apptainer shows every device or none."""
    return {} if gpus in {(), ALL_GPUS} else {"CUDA_VISIBLE_DEVICES": ",".join(gpus)}


def forget_overlay(call: Invocation) -> None:
    """Remove the one folder of an overlay that the kernel leaves so that only root could look into it."""
    with suppress(OSError):
        (call.scratch / OVERLAY / "work" / "work").rmdir()


def _make_overlay(folder: Path) -> None:
    """What a root that can be written keeps: in the call's scratch, so that the watch holds it to its size."""
    for name in ("upper", "work"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "upper").chmod(0o755)  # becomes the mode of /


def _held_options(call: Invocation, held: Held) -> Iterable[str]:
    yield from ("--security", f"seccomp:{SECCOMP}")
    if held.is_root:
        yield "--no-privs"
        yield from ("--security", f"uid:{held.uid},gid:{held.gid}")
    if held.has_groups:
        memory = str(int(call.limits.memory_gib * _GIB))
        yield from ("--memory", memory, "--memory-swap", memory)
        yield from ("--pids-limit", str(call.limits.pids))
        yield from ("--cpus", f"{call.limits.cpus:g}")


def _mounts(call: Invocation) -> Iterable[str]:
    own = (
        Mount(key="scratch", path=scratch_folder(call), inside=SCRATCH, writable=True),
        Mount(
            key="environment",
            path=call.scratch / ENVIRONMENT,
            inside="/.singularity.d/env/zz-rounds.sh",
            writable=False,
        ),
    )
    for mount in (*own, hosts_mount(call), *call.mounts):
        yield from ("--mount", _mount(mount))


def _mount(mount: Mount) -> str:
    """One --mount, which Apptainer reads as a line of CSV: a colon or a comma in a path means nothing."""
    line = io.StringIO()
    source, target = f"src={mount.path.absolute()}", f"dst={mount.inside}"
    fields = ["type=bind", source, target, *(() if mount.writable else ("ro",))]
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()
