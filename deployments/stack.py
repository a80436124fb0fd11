"""A registry, a Prefect server and one worker a pool, all on this machine's loopback address."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deployments.processes import Program, free_port, wait_for
from rounds.errors import RunnerError

SERVER_START_S = 180
REGISTRY_START_S = 60


@dataclass
class Stack:
    """What runs below `root`. Leases and heartbeats are short settings, so that a crash is seen soon."""

    root: Path
    lease_s: float = 30
    registry_port: int = field(default_factory=free_port)
    prefect_port: int = field(default_factory=free_port)
    programs: dict[str, Program] = field(default_factory=dict)

    @property
    def registry_url(self) -> str:
        """Where the registry listens."""
        return f"http://127.0.0.1:{self.registry_port}"

    @property
    def prefect_url(self) -> str:
        """Where the Prefect server's pages are."""
        return f"http://127.0.0.1:{self.prefect_port}"

    @property
    def prefect_env(self) -> dict[str, str]:
        """The environment of everything that speaks with the Prefect server.

        Polls and heartbeats are writes, and on SQLite each write can hold up another: so no more of
        them than starting work promptly needs.
        """
        return {
            "PREFECT_HOME": str(self.root / "prefect"),
            "PREFECT_API_URL": f"{self.prefect_url}/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": (
                f"sqlite+aiosqlite:///{self.root / 'prefect' / 'prefect.db'}"
            ),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            "PREFECT_WORKER_QUERY_SECONDS": "3",
            "PREFECT_WORKER_HEARTBEAT_SECONDS": "60",
            "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
            "PREFECT_CLI_PROMPT": "false",
        }

    def start_registry(self) -> None:
        """Start the registry and wait until it answers."""
        argv = [sys.executable, "-m", "registry_api", "--database", str(self.database)]
        program = self._program(
            "registry",
            [*argv, "--port", str(self.registry_port)],
            {
                "ROUNDS_REGISTRY_PREFECT": f"{self.prefect_url}/api",
                "ROUNDS_REGISTRY_LEASE_S": str(self.lease_s),
            },
        )
        program.start()
        wait_for(
            program, lambda: _answers(f"{self.registry_url}/health"), timeout_s=REGISTRY_START_S
        )

    @property
    def database(self) -> Path:
        """The registry's SQLite file."""
        return self.root / "registry" / "registry.db"

    def begin_prefect(self) -> None:
        """Start the Prefect server; `await_prefect` waits for it."""
        (self.root / "prefect").mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "deployments.prefect_server", "127.0.0.1"]
        argv += [str(self.prefect_port)]
        self._program("prefect", argv, self.prefect_env).start()

    def await_prefect(self) -> None:
        """Return once the Prefect server answers."""
        url = f"{self.prefect_url}/api/health"
        wait_for(self.programs["prefect"], lambda: _answers(url), timeout_s=SERVER_START_S)

    def deploy(self) -> None:
        """Create the locked pools and the deployments of prefect.yaml.

        Raises:
            RunnerError: Prefect refused one; its words are in logs/deploy.log.
        """
        log = self.root / "logs" / "deploy.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            done = subprocess.run(
                [sys.executable, "-m", "deployments.put_up"],
                env={**os.environ, **self.prefect_env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
            )
        if done.returncode != 0:
            raise RunnerError(
                "the deployments were refused, needed all of them; see logs/deploy.log"
            )

    def start_worker(self, pool: str, env: Mapping[str, str]) -> None:
        """Start a worker on a pool; `env` names its profile."""
        argv = [sys.executable, "-m", "prefect", "worker", "start", "--pool", pool]
        argv += ["--type", "process", "--name", f"{pool}-worker"]
        self._program(f"worker-{pool}", argv, {**self.prefect_env, **env}).start()

    def stop(self) -> None:
        """End everything, workers first."""
        for program in reversed(list(self.programs.values())):
            program.stop()

    def _program(self, name: str, argv: list[str], env: Mapping[str, str]) -> Program:
        log = self.root / "logs" / f"{name}.log"
        self.programs[name] = Program(name=name, argv=argv, log=log, env=env)
        return self.programs[name]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
