"""A small HTTP server that answers as Prefect's API does, as far as the outbox asks, and records it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import JsonValue

LONGEST_S = 60
RESUME = re.compile(r"/flow_runs/([^/]+)/resume$")


def _open_gate() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class Recorded:
    """What was asked, and what is answered: `resumes` in turn, the last one again and again.

    A path with an ending in `refused` is answered with that HTTP code. `turned_away` counts what came
    while it was `away`. What it answers while `garbled` is not what the headers say. No answer is given
    while the `gate` is shut.
    """

    url: str = ""
    asked: list[tuple[str, str, JsonValue]] = field(default_factory=list)
    resumes: list[JsonValue] = field(default_factory=lambda: [{"status": "ACCEPT"}])
    run_state: str = "PAUSED"
    refused: dict[str, int] = field(default_factory=dict)
    away: bool = False
    turned_away: int = 0
    garbled: bool = False
    gate: threading.Event = field(default_factory=_open_gate)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, ending: str, times: int = 1) -> list[JsonValue]:
        """The bodies sent to paths with this ending, once there are so many of them."""
        self.until(lambda: len(self.sent_to(ending)) >= times, f"something more sent to {ending}")
        return self.sent_to(ending)

    def until(self, come: Callable[[], bool], needed: str) -> None:
        """Return once something has come true by what was asked."""
        with self.changed:
            found = self.changed.wait_for(come, timeout=LONGEST_S)
        assert found, f"found {len(self.asked)} requests, needed {needed}"

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Whatever is asked in the block is recorded, and answered after it."""
        self.gate.clear()
        try:
            yield
        finally:
            self.gate.set()

    def woken(self) -> list[str]:
        """The runs that were to be resumed, as often and in the order that they were asked for."""
        found = [RESUME.search(path) for _, path, _ in self.asked]
        return [run[1] for run in found if run is not None]

    def sent_to(self, ending: str) -> list[JsonValue]:
        """The bodies sent so far to paths with this ending."""
        return [body for _, path, body in self.asked if path.endswith(ending)]

    def answer(self, method: str, path: str, body: JsonValue) -> tuple[int, JsonValue]:
        """The status and the body that answer a request, which is recorded."""
        with self.changed:
            self.turned_away += self.away
            if not self.away:
                self.asked.append((method, path, body))
            self.changed.notify_all()
            if self.away:
                return 503, None
        self.gate.wait(LONGEST_S)
        for ending, status in self.refused.items():
            if path.endswith(ending):
                return status, None
        if path.endswith("/resume"):
            return 200, self.resumes.pop(0) if len(self.resumes) > 1 else self.resumes[0]
        if method == "GET" and path.startswith("/api/flow_runs/"):
            return 200, {"state_type": self.run_state}
        return 201, {"id": "the-deployment"}


@contextmanager
def stand_in() -> Iterator[Recorded]:
    """The stand-in, serving while the block lasts."""
    recorded = Recorded()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _answer(self, method: str) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            status, answer = recorded.answer(method, self.path, body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            if recorded.garbled:
                self.send_header("content-encoding", "gzip")
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    recorded.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    try:
        yield recorded
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
