"""What a control group says of the processes in it: read from the kernel, whichever engine made the group."""

import os
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How many processes there are and may be, and bytes of memory; None is unknown.

    `own_memory` is what processes took for themselves, without copies of files, which the kernel drops first.
    """

    pids: int | None = None
    pids_limit: int | None = None
    own_memory: int | None = None
    memory_limit: int | None = None
    peak_memory: int | None = None


def usage_of(pid: int) -> Usage:
    """What the group of the process `pid` uses; nothing is known of one that is gone, or in this process's own."""
    folders = _group_folders(pid)
    if not folders or folders == _group_folders(os.getpid()):
        return Usage()
    unified = folders.get("", GROUPS)
    pids = folders.get("pids", unified)
    memory = folders.get("memory", unified)
    return Usage(
        pids=_number(pids / "pids.current"),
        pids_limit=_number(pids / "pids.max"),
        own_memory=_own_memory(memory / "memory.stat"),
        memory_limit=_number(memory / "memory.limit_in_bytes", memory / "memory.max"),
        peak_memory=_number(memory / "memory.max_usage_in_bytes", memory / "memory.peak"),
    )


def first_child(pid: int) -> int | None:
    """The first child of a process that has one thread; None if it has none, or is gone."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return int(children[0]) if children else None


def _group_folders(pid: int) -> dict[str, Path]:
    """The folder of each controller's group; under the key "" that of the unified hierarchy (cgroups(7))."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return {}
    folders: dict[str, Path] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            folders[name] = GROUPS / name / path.lstrip("/")
    return folders


def _number(*files: Path) -> int | None:
    """The number in the first of these files that holds one."""
    for file in files:
        try:
            text = file.read_text().strip()
        except OSError:
            continue
        if text != _UNLIMITED:
            return int(text)
    return None


def _own_memory(statistics: Path) -> int | None:
    """`anon` of the unified hierarchy, or what the first one calls `total_rss`."""
    try:
        lines = statistics.read_text().splitlines()
    except OSError:
        return None
    found = dict(line.split(" ", 1) for line in lines)
    told = found.get("anon") or found.get("total_rss")
    return int(told) if told else None
