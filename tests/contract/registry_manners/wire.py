"""HTTP in bytes, for what no well-behaved client says."""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

PATIENCE_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def problem(self) -> dict[str, str | int]:
        """The body as problem+json."""
        assert self.headers["content-type"] == "application/problem+json"
        said: dict[str, str | int] = json.loads(self.body)
        assert said["status"] == self.status
        return said


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A connection that is given up after some patience."""
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE_S) as line:
        yield line


def head(*lines: str, method: str = "POST", path: str = "/api/v1/things") -> bytes:
    """The head of a request with JSON, with further `lines`."""
    start = (f"{method} {path} HTTP/1.1", "Host: registry", "Content-Type: application/json")
    return "".join(f"{line}\r\n" for line in (*start, *lines, "")).encode()


def chunk(content: bytes) -> bytes:
    """A part of a body of unknown length; the empty one is the last."""
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def hear(line: socket.socket, method: str = "POST") -> Answer:
    """The next answer on the line, to a request with `method`."""
    response = HTTPResponse(line, method=method)
    response.begin()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=headers, body=body)


def hear_all(line: socket.socket) -> bytes:
    """All that is said until the other side closes the line."""
    return b"".join(iter(lambda: line.recv(4096), b""))


def ask(url: str, *parts: bytes) -> Answer:
    """The answer to `parts` on a connection of their own."""
    with connected(url) as line:
        for part in parts:
            line.sendall(part)
        return hear(line, parts[0].split()[0].decode())


def is_closed(line: socket.socket) -> bool:
    """Whether the other side has closed the line and said nothing more."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
