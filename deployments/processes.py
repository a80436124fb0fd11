"""Long-running programs of one machine: started from a list of arguments, watched, and ended."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from rounds.errors import RunnerError

PASSED_ON = ("PATH", "LANG", "HOME", "TMPDIR", "DOCKER_HOST", "XDG_RUNTIME_DIR")


@dataclass
class Program:
    """One program, its log file, and the environment it gets besides a few harmless variables."""

    name: str
    argv: list[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own, so that `stop` reaches its children too."""
        inherited = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                env={**inherited, **self.env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, grace_s: float = 10) -> None:
        """End it and what it started: politely, then for good."""
        if self.process is None:
            return
        _signal_group(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(grace_s)
        _signal_group(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill(self) -> None:
        """Kill -9 the program itself and nothing that it started."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    program: Program, ready: Callable[[], bool], *, timeout_s: float, every_s: float = 0.2
) -> None:
    """Return once `ready()` says so.

    Raises:
        RunnerError: The program ended first, or was not ready in time; its log says why.
    """
    until = monotonic() + timeout_s
    while not ready():
        if not program.alive:
            raise RunnerError(f"{program.name} ended at once; see {program.log.name} below logs/")
        if monotonic() > until:
            raise RunnerError(f"{program.name} gave no sign in {timeout_s:.0f} s, needed one")
        sleep(every_s)
