"""What no engine holds a call to, looked at while it runs.

1. Folders on the site's disk have no quota: outputs and scratch are measured twice a second. What a cube
   writes between two looks is how far it may overshoot.
2. A cube that has all its processes in two looks running is stopped: a fork bomb would go on for ever.
3. So is one that has all its memory in five: where the kernel can still drop copies of the image's files, it
   reads them again and again rather than kill.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from rounds.errors import Code, RunnerError
from rounds.runners.base import Invocation
from rounds.runners.usage import Usage

LOOK_S = 0.5
_LOOKS = {Code.CUBE_PROCESSES: 2, Code.CUBE_MEMORY: 5}
_FULL = 0.97
_GIB = 1024**3
_BLOCK = 512  # stat(2): the unit of st_blocks, whatever the file system's own


class Watch:
    """Watches one call. `peak_memory` is the most that was seen, in bytes; None if nothing was."""

    def __init__(
        self,
        call: Invocation,
        usage: Callable[[int], Usage] | None = None,
        written: Callable[[], int] | None = None,
    ) -> None:
        """Args: usage: of the call's processes, by the pid that `look` is given; written: bytes into its root."""
        self._call = call
        self._usage = usage
        self._written = written
        self._full = {Code.CUBE_PROCESSES: 0, Code.CUBE_MEMORY: 0}
        self.peak_memory: int | None = None

    def look(self, pid: int) -> None:
        """Pass if the call may go on.

        Raises:
            RunnerError: Its run was cancelled (`Code.CANCELLED`), it wrote too much (`OUTPUT_TOO_LARGE`,
                `CUBE_SCRATCH`), or has all the processes or memory it may have (`CUBE_PROCESSES`,
                `CUBE_MEMORY`).
        """
        if self._call.is_cancelled():
            name, task = self._call.cube.name, self._call.task
            message = (
                f"cube {name} was stopped in {task}, since its run was cancelled; run it again"
            )
            raise RunnerError(message, code=Code.CANCELLED)
        self._call.on_look()
        limits = self._call.limits
        outputs = [mount.path for mount in self._call.mounts if mount.writable]
        if exceeds(outputs, max_bytes=limits.output_gib * _GIB, max_files=limits.output_files):
            allowed = f"{limits.output_gib:g} GiB in {limits.output_files} files"
            raise self._stopped(f"wrote more than {allowed}", Code.OUTPUT_TOO_LARGE)
        if exceeds([self._call.scratch], max_bytes=limits.tmp_gib * _GIB):
            found = f"filled its scratch of {limits.tmp_gib:g} GiB"
            raise self._stopped(found, Code.CUBE_SCRATCH)
        if self._written is not None and self._written() > limits.tmp_gib * _GIB:
            found = f"wrote more than {limits.tmp_gib:g} GiB into its image's files"
            raise self._stopped(found, Code.CUBE_SCRATCH)
        if self._usage is not None:
            self._look_at(self._usage(pid))

    def _look_at(self, found: Usage) -> None:
        if found.peak_memory is not None:
            self.peak_memory = max(self.peak_memory or 0, found.peak_memory)
        limits = self._call.limits
        is_full = found.pids is not None and found.pids == found.pids_limit
        if self._stays_full(Code.CUBE_PROCESSES, is_full=is_full):
            raise self._stopped(f"used all of its {limits.pids} processes", Code.CUBE_PROCESSES)
        own, limit = found.own_memory, found.memory_limit
        is_full = own is not None and limit is not None and own > limit * _FULL
        if self._stays_full(Code.CUBE_MEMORY, is_full=is_full):
            used = f"used all of its {limits.memory_gib:g} GiB of memory"
            raise self._stopped(used, Code.CUBE_MEMORY)

    def _stays_full(self, code: Code, *, is_full: bool) -> bool:
        self._full[code] = self._full[code] + 1 if is_full else 0
        return self._full[code] >= _LOOKS[code]

    def _stopped(self, found: str, code: Code) -> RunnerError:
        call = self._call
        message = f"cube {call.cube.name} {found} in {call.task} and was stopped"
        return RunnerError(
            f"{message}; raise the profile's limit or ask the cube's author", code=code
        )


def exceeds(roots: list[Path], *, max_bytes: float, max_files: int | None = None) -> bool:
    """Whether what lies at these roots and below takes more room on the disk, or more names, than that."""
    size = 0
    for count, status in enumerate(_statuses(roots)):
        size += status.st_blocks * _BLOCK
        if size > max_bytes or (max_files is not None and count > max_files):
            return True
    return False


def _statuses(roots: list[Path]) -> Iterator[os.stat_result]:
    """The status of everything there and below; what vanishes or cannot be listed meanwhile is left out."""
    folders: list[str] = []
    for root in roots:
        with suppress(OSError):
            yield root.stat()
            folders.append(str(root))
    while folders:
        for entry in _entries(folders.pop()):
            with suppress(OSError):
                yield entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as listed:
            return list(listed)
    except OSError:
        return []
