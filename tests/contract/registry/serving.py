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
from registry_api.credentials.oidc import OidcSettings
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
    database: str
    invitation: str
    clock: Clock


@contextmanager
def serve_registry(
    folder: Path,
    *,
    database: str | None = None,
    lease_s: float = 120,
    prefect_api_url: str | None = None,
    oidc: OidcSettings | None = None,
) -> Iterator[Served]:
    """A fresh registry, on SQLite below `folder` or on an empty `database`, served while the block lasts."""
    address = database or str(folder / "registry.db")
    invitation = folder / "admin.invitation"
    init(database=address, invitation_file=invitation, email="admin@example.org", name="Ada")
    clock = Clock()
    settings = RegistrySettings(
        database=address,
        lease_s=lease_s,
        prefect_api_url=prefect_api_url,
        tick_s=0.05,
        breath_s=0.05,
        oidc=oidc,
    )
    with serve(create_app(settings, clock=clock)) as url:
        secret = invitation.read_text().strip()
        yield Served(url=url, database=address, invitation=secret, clock=clock)
