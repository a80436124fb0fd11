"""A child process that is tied to who asked for it, its output copied to a log, followed to its end."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rounds.runners import launcher
from rounds.runners.base import Finished, Invocation, overran
from rounds.runners.call_log import CallLog
from rounds.runners.usage import Usage
from rounds.runners.watch import LOOK_S, Watch

KILLED = 128 + signal.SIGKILL
_GRACE_S = 2
_PIPE_BYTES = 1 << 16
_LEFTOVER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is started: its whole environment, and the folder it starts in. Its standard input is closed."""

    argv: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    folder: Path = field(repr=False)


def run_child(
    program: Program, call: Invocation, usage: Callable[[int], Usage] | None = None
) -> Finished:
    """How `call` ended as this program, its output in the call's log.

    The call is watched twice a second. Whatever happens, nothing of the child's process group is alive
    afterwards; if this process is killed, the child is too.

    Args:
        program: What is started.
        call: What it does, and its limits.
        usage: What the control group of the child uses, by the child's pid, where there is one: then a
            kill that nobody here sent was the kernel's, at the limit of memory.

    Raises:
        RunnerError: As `Watch.look`; or the wall-clock limit passed (`Code.CUBE_TIMEOUT`).
    """
    watch = Watch(call, usage)
    begin = time.monotonic()
    with CallLog(call.log) as log:
        deadline = begin + call.limits.timeout_s
        exit_code = _run(program, log, deadline=deadline, look=watch.look)
    if exit_code is None:
        raise overran(call)
    return Finished(
        exit_code=exit_code,
        seconds=time.monotonic() - begin,
        peak_memory=watch.peak_memory,
        out_of_memory=usage is not None and exit_code == KILLED,
    )


def _run(
    program: Program, log: CallLog, *, deadline: float, look: Callable[[int], None]
) -> int | None:
    """The exit status, 128 and the signal if one ended it; None if `deadline` (monotonic, s) came first.

    `look` is called with the child's pid, and stops the child by raising.
    """
    tie = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid())]
    with subprocess.Popen(
        [*tie, *program.argv],
        env=dict(program.environment),
        cwd=program.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        ended = _follow(process, log, deadline=deadline, look=look)
        status = process.wait()
    if not ended:
        return None
    return status if status >= 0 else 128 - status


def _follow(
    process: subprocess.Popen[bytes],
    log: CallLog,
    *,
    deadline: float,
    look: Callable[[int], None],
) -> bool:
    """Copy the output to the log until the process ends; False if the deadline came first.

    The group is killed before its leader is reaped, so that its id cannot have passed to another.
    """
    assert process.stdout is not None  # noqa: S101  # opened as a pipe
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    exited = os.pidfd_open(process.pid)
    try:
        while (left := deadline - time.monotonic()) > 0:
            look(process.pid)
            if _copy_until(exited, pipe, log, until=time.monotonic() + min(left, LOOK_S)):
                return True
        return False
    finally:
        _end(process, exited)
        _copy_rest(pipe, log)
        os.close(exited)


def _end(process: subprocess.Popen[bytes], exited: int) -> None:
    """Ask the leader to end what it holds, such as a container; then kill what is left of its group."""
    os.kill(process.pid, signal.SIGTERM)
    with selectors.DefaultSelector() as selector:
        selector.register(exited, selectors.EVENT_READ)
        selector.select(_GRACE_S)
    os.killpg(process.pid, signal.SIGKILL)


def _copy_until(exited: int, pipe: int, log: CallLog, *, until: float) -> bool:
    """Copy output until that moment; whether the process ended before it."""
    with selectors.DefaultSelector() as selector:
        selector.register(exited, selectors.EVENT_READ)
        selector.register(pipe, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            ready = {key.fd for key, _ in selector.select(left)}
            if exited in ready:
                return True
            if pipe in ready and not _copy(pipe, log):
                selector.unregister(pipe)
    return False


def _copy_rest(pipe: int, log: CallLog) -> None:
    copied = 0
    while copied < _LEFTOVER_BYTES and (size := _copy(pipe, log)):
        copied += size


def _copy(pipe: int, log: CallLog) -> int:
    try:
        data = os.read(pipe, _PIPE_BYTES)
    except BlockingIOError:
        return 0
    log.write(data)
    return len(data)
