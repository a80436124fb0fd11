"""What is answered before any route could."""

from http import HTTPStatus

from starlette.types import Message

from rounds.errors import RoundsError
from rounds.records.service import Problem

Headers = tuple[tuple[bytes, bytes], ...]

MEDIA_TYPE = b"application/problem+json"


def problem(status: HTTPStatus, error: RoundsError) -> bytes:
    """The body of an answer that refuses: RFC 9457, with the error's summary and code."""
    said = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=error.summary,
        code=error.code,
    )
    return said.model_dump_json().encode()


def begin(status: HTTPStatus, body: bytes, headers: Headers) -> Message:
    """The start of an answer that refuses with `body`."""
    described = (
        (b"content-type", MEDIA_TYPE),
        (b"content-length", str(len(body)).encode()),
    )
    return {"type": "http.response.start", "status": status, "headers": [*described, *headers]}
