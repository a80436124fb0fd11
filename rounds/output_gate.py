"""What a cube wrote, checked before anyone reads it: plain files and folders, and not too much of them.

1. Nothing is read: `lstat` says all there is to know, so that a terabyte costs no more than a byte.
2. A folder is opened by its path below the first one, never through a link at its end, and must then be
   the inode that was seen: one that was swapped meanwhile is not followed.
3. One folder is open at a time and nothing recurses: depth costs neither descriptors nor stack.
4. The first fault ends the check, so that a million files cost no more than the first too many.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rounds.errors import Code, RunnerError
from rounds.plain_names import name_fault
from site_profiles.models import Limits

SPARSE_FROM_BYTES = 1 << 30
SPARSE_TIMES = 100
_GIB = 1024**3
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_SPECIAL_BITS = stat.S_ISUID | stat.S_ISGID | stat.S_ISVTX


def check_output(folder: Path, limits: Limits) -> None:
    """Pass if `folder` holds plain files and folders only, within the limits.

    Raises:
        RunnerError: Something else is there, a file has two names, special bits or holes for almost all of
            its size, a name is not plain text, or a folder cannot be listed or is another than the one
            that was seen (`Code.OUTPUT_INVALID`); or there is too much (`OUTPUT_TOO_LARGE`).
    """
    with _opened(str(folder), None) as root:
        gate = _Gate(limits, root)
        while gate.unseen:
            gate.check_folder(*gate.unseen.pop())


class _Gate:
    """One check: how much was seen, and the folders still to be, each with its inode."""

    def __init__(self, limits: Limits, root: int) -> None:
        self._limits = limits
        self._root = root
        self._device = os.fstat(root).st_dev
        self._files = self._bytes = 0
        self.unseen = [("", os.fstat(root).st_ino)]

    def check_folder(self, name: str, inode: int) -> None:
        """Check what is right below a folder, and keep its folders for later."""
        with _opened(name or ".", self._root) as opened:
            found = os.fstat(opened)
            if (found.st_dev, found.st_ino) != (self._device, inode):
                raise _refusal("a folder that changed while it was checked", name)
            with os.scandir(opened) as entries:
                for entry in entries:
                    self._check(f"{name}/{entry.name}" if name else entry.name, entry)

    def _check(self, name: str, entry: os.DirEntry[str]) -> None:
        if fault := name_fault(name):
            raise _refusal(fault, name)
        found = entry.stat(follow_symlinks=False)
        if found.st_dev != self._device:
            raise _refusal("something on another disk", name)
        if stat.S_ISDIR(found.st_mode):
            self.unseen.append((name, found.st_ino))
        elif fault := _file_fault(found):
            raise _refusal(fault, name)
        else:
            self._bytes += found.st_size
        self._files += 1
        self._check_amount()

    def _check_amount(self) -> None:
        limits = self._limits
        if self._files > limits.output_files:
            raise _too_large(f"more than {limits.output_files} files and folders")
        if self._bytes > limits.output_gib * _GIB:
            raise _too_large(f"more than {limits.output_gib:g} GiB")


@contextmanager
def _opened(name: str, root: int | None) -> Iterator[int]:
    """A folder's descriptor; whatever the system refuses while it is open is a refusal of the gate's."""
    try:
        descriptor = os.open(name, _FOLDER_FLAGS, dir_fd=root)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except PermissionError as error:
        raise _refusal("a folder that cannot be listed", str(error)) from error
    except OSError as error:
        raise _refusal("a folder that changed while it was checked", str(error)) from error


def _file_fault(found: os.stat_result) -> str | None:
    if not stat.S_ISREG(found.st_mode):
        return "a link or a special file"
    if found.st_nlink > 1:
        return "a file with more than one name (a hard link)"
    if found.st_mode & _SPECIAL_BITS:
        return "a file with a setuid, setgid or sticky bit"
    if found.st_size > SPARSE_FROM_BYTES and found.st_blocks * 512 * SPARSE_TIMES < found.st_size:
        return f"a sparse file (holes for more than {SPARSE_TIMES - 1} % of its size)"
    return None


def _refusal(found: str, detail: str) -> RunnerError:
    message = f"a cube left {found}, needed only files and folders with plain names"
    return RunnerError(message, detail=detail, code=Code.OUTPUT_INVALID)


def _too_large(found: str) -> RunnerError:
    message = f"a cube left {found}, the most this site takes; its owner must write less"
    return RunnerError(message, code=Code.OUTPUT_TOO_LARGE)
