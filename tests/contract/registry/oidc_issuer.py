"""A small OIDC issuer that really serves on a loopback port, with real keys and a clock that stands still."""

import base64
import functools
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pydantic import JsonValue

AUDIENCE = "rounds-of-the-tests"
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key pair, its name, and what it signs with."""

    kid: str
    algorithm: str
    private: RSAPrivateKey | EllipticCurvePrivateKey

    def jwk(self, **changes: JsonValue) -> dict[str, JsonValue]:
        """The public half as a JWKS shows it; a change to None drops the member."""
        if isinstance(self.private, RSAPrivateKey):
            shown = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            shown = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        members = {**shown, "kid": self.kid, "use": "sig", "alg": self.algorithm, **changes}
        return {name: value for name, value in members.items() if value is not None}

    def sign(self, claims: JsonValue, **header: JsonValue) -> str:
        """A token with these claims, signed by this key."""
        algorithm = jwt.get_algorithm_by_name(self.algorithm)
        named: JsonValue = {"alg": self.algorithm, "kid": self.kid, **header}
        return forge(named, claims, lambda signed: algorithm.sign(signed, self.private))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the issuer answers to one request; `pieces` are sent one after another as they come."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] = lambda: iter((b"",))


@functools.cache
def rsa_private(bits: int) -> RSAPrivateKey:
    """An RSA key of so many bits, made once, since that takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def rsa_key(bits: int = 2048) -> SigningKey:
    """A key that signs with RS256."""
    return SigningKey(kid=_new_kid(), algorithm="RS256", private=rsa_private(bits))


def ec_key() -> SigningKey:
    """A new key that signs with ES256."""
    private = ec.generate_private_key(ec.SECP256R1())
    return SigningKey(kid=_new_kid(), algorithm="ES256", private=private)


def forge(header: JsonValue, claims: JsonValue, sign: Callable[[bytes], bytes]) -> str:
    """A token put together by hand, whatever a library would say to it."""
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_base64url(sign(signed.encode()))}"


def _new_kid() -> str:
    return uuid.uuid4().hex


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def as_json(document: JsonValue) -> Answer:
    """A document as the answer."""
    body = json.dumps(document).encode()
    return Answer(headers={"content-length": str(len(body))}, pieces=lambda: iter((body,)))


@dataclass
class Issuer:
    """What it shows, what it was asked, and how it may be made to misbehave.

    The first of `keys` signs; all of them are shown. `instead` replaces the answer at a path, and
    `gate`, while it is cleared, holds up every answer.
    """

    url: str = ""
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    keys: list[SigningKey] = field(default_factory=lambda: [rsa_key()])
    asked: list[str] = field(default_factory=list)
    instead: dict[str, Answer] = field(default_factory=dict)
    gate: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)

    @property
    def jwks_fetches(self) -> int:
        """How often the keys were asked for."""
        return self.asked.count(JWKS)

    def claims(self, **changes: JsonValue) -> dict[str, JsonValue]:
        """The claims of a good token of five minutes; a change to None drops the claim."""
        issued = int(self.now.timestamp())
        claims: dict[str, JsonValue] = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "auth0|ada",
            "email": "ada@hub.example",
            "email_verified": True,
            "name": "Ada",
            "iat": issued,
            "exp": issued + 300,
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def mint(self, **changes: JsonValue) -> str:
        """A token signed by the first key."""
        return self.keys[0].sign(self.claims(**changes))

    def rotate(self, key: SigningKey | None = None) -> SigningKey:
        """Begin to sign with another key; the older ones are still shown."""
        self.keys.insert(0, key or ec_key())
        return self.keys[0]

    def retire(self) -> None:
        """Show the signing key only."""
        del self.keys[1:]

    def answer(self, path: str) -> Answer:
        """What is answered at a path."""
        self.asked.append(path)
        self.arrived.set()
        self.gate.wait(20)
        shown: list[JsonValue] = [key.jwk() for key in self.keys]
        answers = {
            DISCOVERY: as_json({"issuer": self.url, "jwks_uri": self.url + JWKS}),
            JWKS: as_json({"keys": shown}),
        }
        return self.instead.get(path) or answers.get(path) or Answer(status=404)


@contextmanager
def serve_issuer() -> Iterator[Issuer]:
    """An issuer with one RSA key, serving while the block lasts."""
    issuer = Issuer()
    issuer.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = issuer.answer(self.path)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for piece in answer.pieces():
                    self.wfile.write(piece)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield issuer
    finally:
        issuer.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
