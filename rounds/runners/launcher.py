"""Becomes a cube's program that dies with the process that asked for it. Run, never imported.

1. `python -I -S launcher.py <asker's pid> <argv...>`: standard library only.
2. The kernel is asked to kill this process when the asking thread ends; the wish survives `execv`.
3. If the asker died before step 2, its pid is no longer our parent's: end at once.

This is a program of its own rather than a `preexec_fn`, since Python code between fork and exec can
deadlock in a process with threads, as every Prefect worker is.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Tie this process to its asker, then become the program; returns only if the asker is gone."""
    asker, program = int(arguments[0]), arguments[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == asker:
        os.execv(program[0], program)  # noqa: S606  # a list of arguments, and no shell


if __name__ == "__main__":
    main(sys.argv[1:])
