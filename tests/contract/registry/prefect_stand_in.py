"""A small HTTP server that answers as Prefect's API does, as far as the outbox asks, and records it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import JsonValue


@dataclass
class Recorded:
    """What was asked, and what is answered: `resumes` in turn, the last one again and again."""

    url: str = ""
    asked: list[tuple[str, str, JsonValue]] = field(default_factory=list)
    resumes: list[JsonValue] = field(default_factory=lambda: [{"status": "ACCEPT"}])
    run_state: str = "PAUSED"
    away: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, ending: str, times: int = 1) -> list[JsonValue]:
        """The bodies sent to paths with this ending, once there are so many of them."""
        with self.changed:
            come = self.changed.wait_for(lambda: len(self.sent_to(ending)) >= times, timeout=20)
        assert come, f"nothing more was sent to {ending}"
        return self.sent_to(ending)

    def sent_to(self, ending: str) -> list[JsonValue]:
        """The bodies sent so far to paths with this ending."""
        return [body for _, path, body in self.asked if path.endswith(ending)]

    def answer(self, method: str, path: str, body: JsonValue) -> tuple[int, JsonValue]:
        """The status and the body that answer a request, which is recorded."""
        with self.changed:
            if self.away:
                return 503, None
            self.asked.append((method, path, body))
            self.changed.notify_all()
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
