"""Who a cube is: an ordinary user's cubes run as that user, root's as a user of no other use."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from rounds.errors import Code, RunnerError
from rounds.runners.base import Invocation

CUBE_UID = 10001


def give_outputs(call: Invocation) -> tuple[int, int]:
    """The uid and gid that the cube runs as, after making sure that they can write the outputs and read the inputs.

    Root gives them the outputs; nothing of an input is changed.

    Raises:
        RunnerError: An input can be read by root alone (`Code.ENGINE_REFUSED`).
    """
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    for mount in call.mounts:
        _each(mount.path, hand_over if mount.writable else _check_readable)
    return CUBE_UID, CUBE_UID


def hand_over(path: Path) -> None:
    """Give one file or folder to the user that root's cubes run as."""
    os.chown(path, CUBE_UID, CUBE_UID, follow_symlinks=False)


def _each(root: Path, act: Callable[[Path], None]) -> None:
    if not root.exists():  # the engine says so in its own words
        return
    act(root)
    for folder, names, files in os.walk(root):
        for name in (*names, *files):
            act(Path(folder) / name)


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
