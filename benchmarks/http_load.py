"""Requests over kept-alive connections, made beforehand so that little time goes to the asking side."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Load:
    """What came of some requests: how long each took, how many were refused, and how long all took."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    wall_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall_s

    def percentile_ms(self, share: float) -> float:
        """The time in ms within which this share of the requests was answered."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def request_bytes(method: str, path: str, *, token: str, body: bytes = b"", key: str = "") -> bytes:
    """One HTTP/1.1 request on a connection that is kept."""
    lines = [f"{method} {path} HTTP/1.1", "Host: registry", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if key:
        lines.append(f"Idempotency-Key: {key}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask_all(port: int, requests: Sequence[bytes], *, clients: int) -> Load:
    """Send every request, by so many clients at once, each waiting for its answer before the next."""
    return asyncio.run(_ask_all(port, requests, clients))


async def _ask_all(port: int, requests: Sequence[bytes], clients: int) -> Load:
    load, waiting = Load(), iter(requests)
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(clients)]
    began = perf_counter()
    await asyncio.gather(
        *(_client(reader, writer, waiting, load) for reader, writer in connections)
    )
    load.wall_s = perf_counter() - began
    for _, writer in connections:
        writer.close()
    return load


async def _client(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    waiting: Iterator[bytes],
    load: Load,
) -> None:
    for request in waiting:
        began = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(_length(head))
        load.seconds.append(perf_counter() - began)
        load.refused += head[9:10] != b"2"


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    message = "an answer without a length"
    raise ValueError(message)
