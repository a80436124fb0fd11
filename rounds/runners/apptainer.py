"""Cubes in Apptainer (or Singularity) containers, without a daemon.

1. The image is a SIF on the site's disk, its digest checked just before the run.
2. The container is a child of this process: it ends when this process does, so none is ever left behind.
3. It is held as `apptainer_options` says. What this machine cannot hold, the site's profile grants by name.
4. It ends when it exits, when it breaks a limit, or when the wall-clock limit passes.
"""

import logging
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from rounds.errors import Code, RunnerError
from rounds.runners.apptainer_images import find_sif
from rounds.runners.apptainer_options import (
    SESSION,
    Held,
    apptainer_environment,
    apptainer_options,
    forget_overlay,
    own_environment,
    write_settings,
)
from rounds.runners.base import Finished, Invocation, Source, scratch_folder
from rounds.runners.child import Program, run_child
from rounds.runners.owner import give_outputs, hand_over
from rounds.runners.sif_sources import find_in_sif
from rounds.runners.usage import Usage, first_child, usage_of
from rounds.supplies import Supplies
from site_profiles.models import Unsafe

UNLIMITED = frozenset({Unsafe.UNLIMITED_MEMORY, Unsafe.UNLIMITED_PROCESSES, Unsafe.UNLIMITED_CPU})
_UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")
_log = logging.getLogger(__name__)


class ApptainerRunner:
    """A `Runner` that starts each call in a container of its own, as a user other than root."""

    def __init__(self, supplies: Supplies, unsafe: frozenset[Unsafe] = frozenset()) -> None:
        """Args: supplies: where images come from; unsafe: what its profile grants."""
        self._supplies = supplies
        self._unsafe = unsafe
        self._warned = False

    def run(self, call: Invocation) -> Finished:
        """Run `call` in a fresh container.

        Raises:
            RunnerError: Apptainer is not here (`Code.ENGINE_MISSING`); the image is not, or an input
                cannot be read, or a limit cannot be held and is not granted (`ENGINE_REFUSED`); or the
                call broke a limit (`CUBE_TIMEOUT`, `CUBE_PROCESSES`, `CUBE_SCRATCH`, `OUTPUT_TOO_LARGE`).
            IntegrityError: The image's bytes are other ones than its digest names.
        """
        program = shutil.which("apptainer") or shutil.which("singularity")
        if program is None:
            message = "found no Apptainer, needed it for the apptainer engine; install it, or add it to PATH"
            raise RunnerError(message, code=Code.ENGINE_MISSING)
        self._supplies.bring_image(call.cube)
        sif = find_sif(call.cube, self._supplies.images)
        held = self._held(call)
        write_settings(call)
        if held.is_root:
            hand_over(scratch_folder(call))
        started = Program(
            argv=[program, *apptainer_options(call, sif, held)],
            environment={**own_environment(call.scratch), **apptainer_environment(call)},
            folder=call.scratch,
        )
        try:
            return run_child(started, call, _usage_inside if held.has_groups else None)
        finally:
            forget_overlay(call)

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:
        """Those of the paths that the SIF has, read from it without starting it.

        Raises:
            RunnerError: The image is not here any more (`Code.ENGINE_REFUSED`).
            IntegrityError: Its bytes are other ones than its digest names.
        """
        sif = find_sif(call.cube, self._supplies.images)
        return find_in_sif(sif, paths)

    def sweep(self, site: str, is_alive: Callable[[str], bool]) -> int:  # noqa: ARG002  as every runner's
        """Nothing is ever left: what runs is a child, and ends with who asked for it."""
        return 0

    def _held(self, call: Invocation) -> Held:
        uid, gid = give_outputs(call)
        is_root = os.getuid() == 0
        has_groups = is_root or (_UNIFIED.exists() and all(name in os.environ for name in SESSION))
        if not has_groups:
            self._need_granted()
        return Held(uid=uid, gid=gid, is_root=is_root, has_groups=has_groups)

    def _need_granted(self) -> None:
        names = ", ".join(sorted(UNLIMITED))
        found = "Apptainer has no control groups for this user, so nothing limits a cube's memory, processes and CPUs"
        if not self._unsafe >= UNLIMITED:
            message = f"{found}; needed a systemd session with cgroups v2, or the grants {names} under `unsafe`"
            raise RunnerError(message, code=Code.ENGINE_REFUSED)
        if not self._warned:
            _log.warning("%s; the profile grants it", found)
            self._warned = True


def _usage_inside(pid: int) -> Usage:
    """What the container of an `apptainer` process uses: its child is in the group, not itself."""
    return usage_of(first_child(pid) or 0)
