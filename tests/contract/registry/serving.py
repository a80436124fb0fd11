"""A registry that really serves, on a loopback port, with a clock that the test turns."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from registry_api.__main__ import init
from registry_api.app import create_app
from registry_api.settings import RegistrySettings


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """What it shows."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Turn it on."""
        self.now += timedelta(seconds=seconds)


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """The address at which `app` is served while the block lasts."""
    # Named TCP, or asyncio leaves out TCP_NODELAY and every answer comes 40 ms late.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    server = uvicorn.Server(
        uvicorn.Config(app, access_log=False, log_level="error", ws="none", timeout_keep_alive=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@dataclass
class Served:
    """A registry with its first administrator."""

    url: str
    database: Path
    admin_secret: str
    clock: Clock


@contextmanager
def serve_registry(
    folder: Path, *, lease_s: float = 120, prefect_api_url: str | None = None
) -> Iterator[Served]:
    """A fresh registry below `folder`, served while the block lasts."""
    database, token_file = folder / "registry.db", folder / "admin.token"
    init(database=database, token_file=token_file, email="admin@hub.example", name="Ada")
    clock = Clock()
    settings = RegistrySettings(
        database=database, lease_s=lease_s, prefect_api_url=prefect_api_url, tick_s=0.05
    )
    with serve(create_app(settings, clock=clock)) as url:
        secret = token_file.read_text().strip()
        yield Served(url=url, database=database, admin_secret=secret, clock=clock)
