"""The socket that several processes of the registry share."""

import socket

from uvicorn import Config

from registry_api.__main__ import listen


def test_shared_socket_sends_at_once() -> None:
    """No part of an answer waits for the client to acknowledge the one before it."""
    shared = listen(Config("registry_api.app:app_from_environment", port=0, log_config=None))

    with shared, socket.create_connection(("127.0.0.1", prepared(shared))):
        answering, _ = shared.accept()
        with answering:
            prompt = answering.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert prompt == 1


def prepared(shared: socket.socket) -> int:
    """The port of a socket that listens from here on."""
    shared.listen()
    return int(shared.getsockname()[1])
