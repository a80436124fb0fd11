"""Which web pages browsers let in: none, but for the origins that the settings name."""

import re

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from rounds.errors import SpecError

ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
ASKED = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-Id")
SHOWN = ("ETag", "Idempotency-Replayed", "Rounds-Registry", "X-Request-Id")


def check_origins(origins: tuple[str, ...]) -> None:
    """Pass if each is one origin as browsers write it.

    Raises:
        SpecError: One is `*`, `null`, or more than a scheme, a host and a port.
    """
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            message = f"found the CORS origin '{origin}', needed one like https://pages.example.org"
            raise SpecError(message)


def admit(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """`app`, which answers browsers' questions for exactly `origins`; as it is if there are none.

    Raises:
        SpecError: One of them is no origin.
    """
    check_origins(origins)
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=ASKED,
        expose_headers=SHOWN,
    )
