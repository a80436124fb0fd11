"""A registry's process as an operator starts it, which a test may end as the power does."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from registry_api.__main__ import init
from rounds.client.registry import RegistryClient
from tests.contract.registry.serving import Clock, Served
from tests.contract.registry.world import World

START_S = 60
PATIENCE_S = 60


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


@dataclass
class Process:
    """One API process on a port of its own, which it has again when it starts anew."""

    database: str
    log: Path
    prefect_api_url: str = ""
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Return once it answers.

        Raises:
            RuntimeError: It ended, or gave no answer in time; its log's end is in the message.
        """
        argv = [sys.executable, "-m", "registry_api", "--database", self.database]
        argv += ["--port", str(self.port)]
        told = {**os.environ, "ROUNDS_REGISTRY_PREFECT": self.prefect_api_url}
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(argv, env=told, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while not self._answers():
            if self.running.poll() is not None or time.monotonic() > until:
                self.kill()
                said = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"found no answer of the registry, needed one: {said}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL, if it runs."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).is_success
        except httpx.TransportError:
            return False


@dataclass
class Processes:
    """API processes on one database, and the world that sees them by the first one's address."""

    world: World
    running: list[Process]


@contextmanager
def processes(
    database: str, folder: Path, *, count: int = 1, prefect_api_url: str = ""
) -> Iterator[Processes]:
    """Processes that serve a fresh database while the block lasts."""
    invitation = folder / "admin.invitation"
    init(database=database, invitation_file=invitation, email="admin@example.org", name="Ada")
    running = [
        Process(database, folder / f"api-{number}.log", prefect_api_url) for number in range(count)
    ]
    with ExitStack() as stack:
        for process in running:
            stack.callback(process.kill)
            process.start()
        secret = invitation.read_text().strip()
        served = Served(url=running[0].url, database=database, invitation=secret, clock=Clock())
        yield Processes(World(served=served, stack=stack), running)


def patient_client(url: str, secret: str) -> RegistryClient:
    """A client that asks again for as long as a process needs to come back."""
    return RegistryClient(url, secret, patience_s=PATIENCE_S)
