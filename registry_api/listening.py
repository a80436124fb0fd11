"""How several processes share one address: each listens itself, and the kernel deals out the connections.

On one socket for all, whichever process wakes first takes every connection that a proxy opens and keeps, and
the others idle.
"""

import asyncio
import socket
from typing import Any

from rounds.errors import Conflict

LOOP = "registry_api.listening:SharingLoop"


class SharingLoop(asyncio.SelectorEventLoop):
    """An event loop whose servers listen beside those of other processes at the address of the socket they are given."""

    async def create_server(  # type: ignore[override]  # of its two forms, the one with a socket
        self,
        protocol_factory: Any,  # noqa: ANN401  asyncio's, passed on
        *_: object,
        sock: socket.socket,
        **options: Any,  # noqa: ANN401
    ) -> asyncio.Server:
        """A server as asyncio's, on a socket of its own."""
        host, port = sock.getsockname()[:2]
        return await super().create_server(protocol_factory, host, port, reuse_port=True, **options)


def reserve(host: str, port: int) -> socket.socket:
    """A socket that keeps an address for the processes of one registry, and does not listen itself.

    Raises:
        Conflict: Somebody else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with _bound(family, socket.SO_REUSEADDR, host, port) as alone:
            address = alone.getsockname()
        return _bound(family, socket.SO_REUSEPORT, *address[:2])
    except OSError as error:
        message = f"cannot listen at {host}, port {port}: {error.strerror}"
        raise Conflict(f"{message}, needed a free port of this machine") from error


def _bound(family: socket.AddressFamily, option: int, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
