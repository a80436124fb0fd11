"""Bodies are small, come in time, and are as long as they say."""

import json
import socket
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from registry_api.manners.gate import Gate
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import make_app, make_plain_app
from tests.contract.registry_manners.conftest import REQUEST_ID, Log
from tests.contract.registry_manners.wire import (
    ask,
    chunk,
    connected,
    head,
    hear,
    hear_all,
    is_closed,
)

CHUNKED = "Transfer-Encoding: chunked"
READ = "/api/v1/things/1"
WEIGH = "/api/v1/things/1/weigh"


def body_of(size: int) -> bytes:
    """A good body of so many bytes."""
    empty = json.dumps({"name": ""}).encode()
    return empty.replace(b'""', b'"' + b"x" * (size - len(empty)) + b'"')


def make_impatient_app(body_timeout_s: float = 0.2) -> FastAPI:
    """The application behind a gate that does not wait long for a body."""
    app = make_plain_app()
    app.middleware_stack = Gate(
        app.build_middleware_stack(), max_body_bytes=1000, body_timeout_s=body_timeout_s
    )
    return app


class TestLimit:
    @pytest.mark.parametrize(("size", "status"), [(1000, 201), (1001, 413)])
    def test_of_a_declared_length(self, url: str, size: int, status: int) -> None:
        """A body may be as large as the limit, and not a byte larger."""
        answer = ask(url, head(f"Content-Length: {size}"), body_of(size))

        assert answer.status == status

    @pytest.mark.parametrize(("size", "status"), [(1000, 201), (1001, 413)])
    def test_of_an_undeclared_length(self, url: str, size: int, status: int) -> None:
        """A body in chunks is counted while it comes."""
        body = body_of(size)
        parts = [chunk(body[at : at + 300]) for at in range(0, size, 300)]

        answer = ask(url, head(CHUNKED), *parts, chunk(b""))

        assert answer.status == status

    def test_is_told_as_a_problem(self, url: str) -> None:
        """The refusal says what was found and needed, in JSON and with a code."""
        answer = ask(url, head("Content-Length: 1001"), body_of(1001))

        problem = answer.problem()

        assert problem["code"] == "too_large"
        assert problem["detail"] == "found a body of more than 1000 bytes, needed at most so many"

    @pytest.mark.parametrize("length", ["1001", "9" * 19])
    def test_is_applied_before_a_byte_came(self, url: str, length: str) -> None:
        """A length that is too large is refused at once, and the connection closed."""
        with connected(url) as line:
            line.sendall(head(f"Content-Length: {length}"))
            answer = hear(line)

        assert answer.status == 413
        assert answer.headers["connection"] == "close"

    def test_is_applied_before_the_caller_is_told_to_go_on(self, url: str) -> None:
        """Who asks first whether to send a large body is told no."""
        with connected(url) as line:
            line.sendall(head("Content-Length: 1001", "Expect: 100-continue"))
            first = line.recv(12)

        assert first == b"HTTP/1.1 413"

    def test_is_applied_where_only_a_dependency_reads(self, log: Log) -> None:
        """A body that is cut off within a dependency is refused too, and is no error of the server's."""
        asked = head(CHUNKED, f"X-Request-Id: {REQUEST_ID}", path=WEIGH)

        with serve(make_app()) as url:
            log.hear("uvicorn.error")
            answer = ask(url, asked, chunk(b"x" * 1001), chunk(b""))

        assert answer.status == 413
        assert [line["status"] for line in log.lines()] == [413]
        assert log.lines("uvicorn.error") == []

    def test_leaves_unread_bodies_alone(self, url: str) -> None:
        """A request whose body nobody reads is answered, and the next one on its connection too."""
        with connected(url) as line:
            line.sendall(head("Content-Length: 5", method="GET", path=READ) + b"{   }")
            first = hear(line)
            line.sendall(head(method="GET", path=READ))
            second = hear(line)

        assert (first.status, second.status) == (200, 200)

    def test_is_told_to_who_does_not_listen_yet(self, url: str) -> None:
        """A caller who sends all before it listens can send all, and then hears the refusal."""
        answer = ask(url, head("Content-Length: 5000000"), bytes(5_000_000))

        assert answer.status == 413

    def test_holds_against_100_mb(self, url: str) -> None:
        """The caller of a huge body gets the refusal, not a broken connection."""
        with httpx.Client(base_url=url, timeout=30) as client:
            refused = client.post("/api/v1/things", content=bytes(100_000_000))
            fine = client.get("/api/v1/things/1")

        assert refused.status_code == 413
        assert fine.status_code == 200

    def test_holds_against_a_body_without_end(self, url: str) -> None:
        """Who never stops is answered, and cut off."""

        def forever() -> Iterator[bytes]:
            while True:
                yield bytes(10_000)

        answer = httpx.post(f"{url}/api/v1/things", content=forever(), timeout=30)

        assert answer.status_code == 413


class TestLyingLength:
    def test_that_is_longer_than_the_body_does_not_hang(self) -> None:
        """A body of which a part never comes is refused after a while, and the connection closed."""
        with serve(make_impatient_app()) as url, connected(url) as line:
            line.sendall(head("Content-Length: 100") + b'{"name": ')
            answer = hear(line)
            line.shutdown(socket.SHUT_WR)
            closed = is_closed(line)

        assert answer.problem()["detail"] == (
            "found a body that was not whole after 0.2 s, needed it sooner"
        )
        assert answer.status == 408
        assert closed

    def test_that_drips_does_not_hang(self) -> None:
        """The time is for all of a body: a byte now and then does not lengthen it."""
        with serve(make_impatient_app()) as url, connected(url) as line:
            line.sendall(head(CHUNKED))
            line.settimeout(0.05)
            answered = b""
            for _ in range(100):
                line.sendall(chunk(b" "))
                try:
                    answered = line.recv(12)
                    break
                except TimeoutError:
                    continue

        assert answered == b"HTTP/1.1 408"

    def test_that_is_shorter_than_the_body_smuggles_nothing(self, url: str) -> None:
        """What is left of a body after its declared end is no second request; the connection ends with it."""
        body = b'{"name": 1}'
        with connected(url) as line:
            line.sendall(head(f"Content-Length: {len(body)}") + body + b"and more\r\n\r\n")
            answers = hear_all(line)

        assert answers.startswith(b"HTTP/1.1 400")
        assert answers.count(b"HTTP/1.1") == 1


class TestTime:
    def test_for_a_body_is_not_for_the_answer(self) -> None:
        """An answer may take as long as it takes, once the body is whole."""
        app = make_impatient_app(body_timeout_s=0)

        with serve(app) as url, httpx.stream("GET", f"{url}{READ}/stream") as answer:
            lines = answer.iter_lines()
            first = next(lines)
            app.state.door.opened.set()
            last = next(lines)

        assert (first, last) == ("1", "end")
