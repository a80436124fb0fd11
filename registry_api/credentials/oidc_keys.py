"""The public keys of a sign-in provider: fetched, kept, and given up when the provider gives them up."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError
from pydantic import BaseModel, JsonValue, ValidationError

from rounds.errors import Unreachable

M = TypeVar("M", bound=BaseModel)
Keys = Mapping[tuple[str, str], PyJWK]

DISCOVERY: Final = "/.well-known/openid-configuration"
FRESH_S: Final = 600.0
BETWEEN_TRIES_S: Final = 30.0
MAX_BYTES: Final = 1024**2
MAX_REDIRECTS: Final = 3

_log = logging.getLogger(__name__)


class _Discovery(BaseModel):
    issuer: str
    jwks_uri: str


class _KeySet(BaseModel):
    keys: list[dict[str, JsonValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the provider showed, and the tick just before it was asked."""

    keys: Keys
    at: float


class ProviderKeys:
    """The keys of one provider, for any number of threads.

    1. They are asked for when somebody needs one, again when they are ten minutes old, and when a token
       names a key that is not among them; whatever came of it, never twice within thirty seconds.
    2. One thread asks. While nothing is wrong the others that need the answer wait for it.
    3. While the provider is away the keys in hand go on, and only the thread that asks waits.

    Args:
        issuer: The provider's own name for itself, which its discovery document must repeat.
        jwks_url: Where the keys are; None reads it from the discovery document.
        algorithms: What a key may be used for; it is kept once for each that fits it.
        ticks: Seconds from a clock that is never set back.
        timeout_s: How long the provider may be silent, and how long it may talk.
    """

    def __init__(
        self,
        *,
        issuer: str,
        jwks_url: str | None,
        algorithms: tuple[str, ...],
        ticks: Callable[[], float],
        timeout_s: float,
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._algorithms = algorithms
        self._ticks = ticks
        self._timeout_s = timeout_s
        self._asking = threading.Lock()
        self._shown: _Shown | None = None
        self._tried: float | None = None
        self._away = ""

    def find(self, kid: str, algorithm: str) -> PyJWK | None:
        """The provider's key of this name for `algorithm`, or None if it shows no such key.

        Raises:
            Unreachable: The provider has not shown its keys yet.
        """
        shown = self._shown
        if shown is None or self._is_old(shown) or (kid, algorithm) not in shown.keys:
            shown = self._asked_again()
        if shown is None:
            raise Unreachable(f"{self._away}, needed its keys to check a token; try again later")
        return shown.keys.get((kid, algorithm))

    def _is_old(self, shown: _Shown) -> bool:
        return self._ticks() - shown.at >= FRESH_S

    def _asked_again(self) -> _Shown | None:
        if not self._asking.acquire(blocking=not self._away):
            return self._shown
        try:
            if self._may_ask():
                self._ask()
            return self._shown
        finally:
            self._asking.release()

    def _may_ask(self) -> bool:
        return self._tried is None or self._ticks() - self._tried >= BETWEEN_TRIES_S

    def _ask(self) -> None:
        self._tried = asked = self._ticks()
        try:
            listed = self._fetch()
        except Unreachable as error:
            self._away = error.summary
            _log.warning("%s; the keys in hand go on", error.summary)
            return
        self._shown = _Shown(keys=key_table(listed, self._algorithms), at=asked)
        self._away = ""

    def _fetch(self) -> Iterable[dict[str, JsonValue]]:
        url = self._jwks_url
        if url is None:
            address = self._issuer.rstrip("/") + DISCOVERY
            found = _read(_Discovery, fetch(address, timeout_s=self._timeout_s))
            # OpenID Connect Discovery 1.0, section 4.3: the two are the same, to the letter.
            if found.issuer != self._issuer:
                raise Unreachable("the sign-in provider's discovery document names another issuer")
            url = found.jwks_uri
            _check_scheme(httpx.URL(address), url)
        return _read(_KeySet, fetch(url, timeout_s=self._timeout_s)).keys


def key_table(listed: Iterable[dict[str, JsonValue]], algorithms: tuple[str, ...]) -> Keys:
    """The keys of a JWKS by name and algorithm; those that are private, nameless or not for signing are left out."""
    usable = {
        (str(jwk["kid"]), algorithm): _key(jwk, algorithm)
        for jwk in listed
        if isinstance(jwk.get("kid"), str) and jwk.get("use", "sig") == "sig" and "d" not in jwk
        for algorithm in algorithms
    }
    return {name: key for name, key in usable.items() if key is not None}


def fetch(url: str, *, timeout_s: float) -> bytes:
    """The body that the provider answers at `url`, at most 1 MiB of it.

    Redirects are followed three times, and to no other scheme.

    Raises:
        Unreachable: There is no such answer within the time.
    """
    try:
        with httpx.Client(timeout=timeout_s, headers={"accept-encoding": "identity"}) as client:
            return _follow(client, client.build_request("GET", url), timeout_s)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        found = type(error).__name__
        raise Unreachable(f"the sign-in provider gave no answer ({found})") from error


def _follow(client: httpx.Client, request: httpx.Request, timeout_s: float) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        answer = client.send(request, stream=True)
        try:
            if answer.next_request is None:
                return _body(answer, timeout_s)
            _check_scheme(request.url, str(answer.next_request.url))
            request = answer.next_request
        finally:
            answer.close()
    raise Unreachable(f"the sign-in provider redirects more than {MAX_REDIRECTS} times")


def _body(answer: httpx.Response, timeout_s: float) -> bytes:
    if answer.status_code != HTTPStatus.OK:
        raise Unreachable(f"the sign-in provider answered HTTP {answer.status_code}")
    body, deadline = bytearray(), time.monotonic() + timeout_s
    for piece in answer.iter_raw():
        body += piece
        if len(body) > MAX_BYTES:
            raise Unreachable(f"the sign-in provider answered more than {MAX_BYTES} bytes")
        if time.monotonic() > deadline:
            raise Unreachable(f"the sign-in provider was not done after {timeout_s:g} s")
    return bytes(body)


def _check_scheme(asked: httpx.URL, url: str) -> None:
    if not url.startswith(f"{asked.scheme}://"):
        raise Unreachable("the sign-in provider points to another scheme than its own")


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        what = "discovery document" if model is _Discovery else "set of keys"
        raise Unreachable(f"the sign-in provider answered no {what}") from error


def _key(jwk: dict[str, JsonValue], algorithm: str) -> PyJWK | None:
    if jwk.get("alg", algorithm) != algorithm:
        return None
    try:
        return PyJWK(jwk, algorithm)
    except PyJWTError:
        return None
