"""How several processes of the registry share an address."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from registry_api.listening import SharingLoop, reserve
from rounds.errors import Conflict

HERE = "127.0.0.1"
MANY = 64
Met = list[socket.socket]


@contextmanager
def serving(address: socket.socket) -> Iterator[tuple[SharingLoop, Met]]:
    """A loop that serves at an address, and the connections that it was dealt."""
    loop, met, transports = SharingLoop(), [], []

    class Noting(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            met.append(transport.get_extra_info("socket"))
            transports.append(transport)

    server = loop.run_until_complete(loop.create_server(Noting, sock=address))
    yield loop, met
    server.close()
    for transport in transports:
        transport.close()
    run_until(lambda: all(there.fileno() < 0 for there in met), loop)
    loop.close()


def run_until(done: Callable[[], bool], *loops: SharingLoop) -> None:
    """Run the loops in turn until that holds."""
    while not done():
        for loop in loops:
            loop.run_until_complete(asyncio.sleep(0))


class TestSharingLoop:
    def test_is_dealt_its_part_of_the_connections(self) -> None:
        """Of two that idle at one address each gets some, whoever wakes first."""
        with ExitStack() as stack:
            address = stack.enter_context(reserve(HERE, 0))
            first, here = stack.enter_context(serving(address))
            second, there = stack.enter_context(serving(address))

            for _ in range(MANY):
                stack.enter_context(socket.create_connection(address.getsockname()))
            run_until(lambda: len(here) + len(there) == MANY, first, second)

            assert min(len(here), len(there)) > 0

    def test_sends_at_once(self) -> None:
        """No part of an answer waits for the client to acknowledge the one before it."""
        with (
            reserve(HERE, 0) as address,
            serving(address) as (loop, met),
            socket.create_connection(address.getsockname()),
        ):
            run_until(lambda: bool(met), loop)
            prompt = met[0].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

        assert prompt == 1


class TestReserve:
    def test_refuses_what_somebody_listens_at(self) -> None:
        """A second registry does not quietly take half of the first one's connections."""
        with reserve(HERE, 0) as address, pytest.raises(Conflict, match="needed a free port"):
            reserve(*address.getsockname())

    def test_takes_no_connection_itself(self) -> None:
        """Until a process listens, nobody is let in to wait for ever."""
        with reserve(HERE, 0) as address, pytest.raises(ConnectionRefusedError, match="refused"):
            socket.create_connection(address.getsockname())
