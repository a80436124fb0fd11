"""One id for a request, its answer and every line that is logged meanwhile."""

import re
import secrets
from contextvars import ContextVar

HEADER = b"x-request-id"
WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{8,64}")

current: ContextVar[str | None] = ContextVar("request_id", default=None)


def choose(given: bytes | None) -> str:
    """The caller's id if it is 8 to 64 plain characters, else a new one."""
    if given is not None and WELL_FORMED.fullmatch(given):
        return given.decode("ascii")
    return secrets.token_hex(16)
