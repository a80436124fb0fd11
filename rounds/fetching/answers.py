"""What a host answers to a GET, read with suspicion."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from rounds.errors import IntegrityError, SpecError, Unreachable
from rounds.fetching.connections import Answer

_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_LENGTH = re.compile(r"[0-9]{1,18}")
_STRONG = re.compile(r'"[!#-~]*"')  # RFC 9110, 8.8.3: a weak one cannot tell bytes apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What the bytes of an answer are: the file from byte `begins` on, of `total` bytes if it says.

    `is_whole` says that the host sends the file anew, whatever was asked; `etag` is a strong one.
    """

    begins: int
    total: int | None
    etag: str | None
    is_whole: bool


def read_body(answer: Answer) -> Body | None:
    """What follows the answer's headers; None if the range that was asked for is not there.

    Raises:
        SpecError: There is no file at the address.
        IntegrityError: The bytes come encoded, or say nothing sound of their place in the file.
        Unreachable: The host asks to come back later.
    """
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return None
    if answer.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise _no_file(answer.status)
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise IntegrityError("a host sends a file encoded, needed its plain bytes as asked")
    etag = answer.headers.get("etag", "")
    strong = etag if _STRONG.fullmatch(etag) else None
    if answer.status == HTTPStatus.OK:
        length = answer.headers.get("content-length", "")
        total = int(length) if _LENGTH.fullmatch(length) else None
        return Body(begins=0, total=total, etag=strong, is_whole=True)
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if found is None:
        raise IntegrityError("a host sends a part of a file and does not say which, needed it")
    total = None if found[2] == "*" else int(found[2])
    return Body(begins=int(found[1]), total=total, etag=strong, is_whole=False)


def _no_file(status: int) -> SpecError | Unreachable:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _LATER:
        return Unreachable(f"a host to fetch from answered HTTP {status}; try again later")
    message = f"an address answered HTTP {status}, needed a file; its author must correct it"
    return SpecError(message)
