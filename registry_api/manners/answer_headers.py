"""The headers that every answer has."""

from collections.abc import Iterable

from registry_api.manners import request_ids
from registry_api.manners.handshake import REGISTRY_HEADER, REGISTRY_VERSION

Header = tuple[bytes, bytes]

ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (REGISTRY_HEADER, REGISTRY_VERSION.encode()),
)
BY_DEFAULT: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
ONE_YEAR_OF_TLS: Header = (b"strict-transport-security", b"max-age=31536000")


class AnswerHeaders:
    """What is added to each answer's headers; `behind_tls` says that browsers may be held to TLS."""

    def __init__(self, *, behind_tls: bool) -> None:
        self._always = (*ALWAYS, ONE_YEAR_OF_TLS) if behind_tls else ALWAYS

    def complete(self, given: Iterable[Header], request_id: str) -> list[Header]:
        """`given` and what every answer has; a route's own caching and content policy stay."""
        headers = list(given)
        names = {name for name, _ in headers}
        headers += [default for default in BY_DEFAULT if default[0] not in names]
        headers += self._always
        headers.append((request_ids.HEADER, request_id.encode()))
        return headers
