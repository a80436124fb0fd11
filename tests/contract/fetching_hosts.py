"""Real hosts to fetch from: threads on 127.0.0.1, with TLS by a throw-away authority, and a proxy."""

import datetime as dt
import random
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rounds.fetching.fetcher import Fetcher
from site_profiles.fetching import Fetching

HERE = "127.0.0.1"
NAME = "files.example"
CONTENT = random.Random(7).randbytes(300_000)  # noqa: S311  # nothing is kept secret by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a host was asked; header names in lower case."""

    path: str
    headers: dict[str, str]


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Notes what it is asked, and lets the server's `answer` speak."""

    protocol_version = "HTTP/1.1"
    server: "Host"

    def do_GET(self) -> None:
        """Note the question and answer it."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(path=self.path, headers=headers))
        self.server.answer(self)

    def do_CONNECT(self) -> None:
        """Note where to, and tunnel there."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append(Seen(path=self.path, headers=headers))
        if self.path in self.server.ways:
            tunnel(self, self.server.ways[self.path])
        else:
            self.say(403)

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        """A whole answer; `content_range` makes the header Content-Range."""
        self.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"content-length": str(len(body)), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def say_in_chunks(self, body: bytes) -> None:
        """An answer that announces no length."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in the base
        """Say nothing."""


class Host(ThreadingHTTPServer):
    """A host that answers with `answer`; `ways` is where it tunnels to if it is a proxy."""

    daemon_threads = True

    def __init__(
        self, answer: Answer, tls: ssl.SSLContext | None, address: tuple[str, int]
    ) -> None:
        super().__init__(address, Handler)
        self.answer = answer
        self.seen: list[Seen] = []
        self.ways: dict[str, int] = {}
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the test."""


@contextmanager
def host(
    answer: Answer, tls: ssl.SSLContext | None = None, address: tuple[str, int] = (HERE, 0)
) -> Iterator[Host]:
    """A host that serves until the end of the block."""
    with Host(answer, tls, address) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Names:
    """A resolver: each name's answers one after the other, the last for ever."""

    answers: dict[str, Sequence[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str, _port: int) -> Sequence[str]:
        """The next answer for `name`."""
        answers = self.answers[name]
        self.asked.append(name)
        return answers[min(self.asked.count(name), len(answers)) - 1]


def make_fetcher(port: int, *, names: Names | None = None, **rules: object) -> Fetcher:
    """A fetcher whose site knows `files.example` at 127.0.0.1 as a private host that speaks http."""
    listed = (f"{NAME}:{port}",)
    document = {"unsafe_private_hosts": listed, "unsafe_http_hosts": listed, **rules}
    resolve = names or Names({NAME: [[HERE]]})
    return Fetcher(rules=Fetching.model_validate(document), resolve=resolve)


def offer(content: bytes = CONTENT, etag: str = '"one"') -> Answer:
    """The answer of a host that has one file and knows ranges."""

    def answer(ask: Handler) -> None:
        asked = ask.headers.get("Range")
        if asked is None or ask.headers.get("If-Range") != etag:
            ask.say(200, content, etag=etag)
            return
        begins = int(asked.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {begins}-{len(content) - 1}/{len(content)}"
        ask.say(206, content[begins:], etag=etag, content_range=span)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    """The answer of a host that sends elsewhere."""
    return lambda ask: ask.say(status, location=to)


def write(content: bytes) -> Answer:
    """The answer of a host that sends these bytes, and waits until the asker hangs up."""

    def answer(ask: Handler) -> None:
        ask.wfile.write(content)
        ask.rfile.read(1)

    return answer


def tunnel(ask: Handler, port: int) -> None:
    """Carry bytes between the two ends of a CONNECT until one hangs up."""
    with socket.create_connection((HERE, port)) as far:
        ask.send_response(200)
        ask.end_headers()
        other = {far: ask.connection, ask.connection: far}
        open_ends = True
        while open_ends:
            for ready in select.select(list(other), [], [])[0]:
                chunk = ready.recv(65536)
                open_ends = open_ends and bool(chunk)
                other[ready].sendall(chunk)
    ask.close_connection = True


class Authority:
    """A certificate authority of one's own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hospital")])
        self._own = self._signed(self._name, self._key.public_key(), [], authority=True)

    def write(self, path: Path) -> Path:
        """The CA bundle, written to `path`."""
        path.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))
        return path

    def tls(self, name: str = NAME) -> ssl.SSLContext:
        """What a server speaks TLS with, under a certificate for `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "host")])
        certificate = self._signed(subject, key.public_key(), [name], authority=False)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with TemporaryDirectory() as folder:
            pem = Path(folder) / "both.pem"
            pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
            context.load_cert_chain(pem)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        names: Sequence[str],
        *,
        authority: bool,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        day = dt.timedelta(days=1)
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - day)
            .not_valid_after(now + day)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            built = built.add_extension(alternatives, critical=False)
        return built.sign(self._key, hashes.SHA256())


@cache
def authority() -> Authority:
    """The one authority of a test run."""
    return Authority()
