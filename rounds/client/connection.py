"""One kept-alive HTTP connection to the registry: patient, typed, and quiet about its secrets."""

import ssl
import time
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

import httpx
from pydantic import JsonValue, RootModel, ValidationError

from rounds.errors import (
    Code,
    Conflict,
    EgressDenied,
    Forbidden,
    IntegrityError,
    InvalidInput,
    NotFound,
    RegistryError,
    RoundsError,
    SignInNeeded,
    SpecError,
    Unreachable,
)
from rounds.records.base import Page, Record
from rounds.records.service import Problem

R = TypeVar("R", bound=Record)
Filter = str | int | bool | None

PREFIX = "/api/v1"
OUTSIDE = frozenset({"/health", "/ready", "/version"})
HANDSHAKE = {"Rounds-Client": version("rounds")}
JSON_BODY = {"Content-Type": "application/json"}
PAGE_SIZE = 500
AWAY = frozenset({502, 503, 504})
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0

ERROR_OF_CODE: Mapping[str, type[RoundsError]] = {
    Code.SIGN_IN: SignInNeeded,
    Code.STALE_SIGN_IN: SignInNeeded,
    Code.SECOND_FACTOR: SignInNeeded,
    Code.TOO_MANY_TRIES: SignInNeeded,
    Code.NOT_FOUND: NotFound,
    Code.FORBIDDEN: Forbidden,
    Code.CONFLICT: Conflict,
    Code.CHANGED_MEANWHILE: Conflict,
    Code.REVISION_NEEDED: InvalidInput,
    Code.TOO_LARGE: InvalidInput,
    Code.INVALID_INPUT: InvalidInput,
    Code.SPEC: SpecError,
    Code.INTEGRITY: IntegrityError,
    Code.EGRESS_DENIED: EgressDenied,
}
ERROR_OF_STATUS: Mapping[int, type[RoundsError]] = {
    401: SignInNeeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: InvalidInput,
    422: InvalidInput,
    426: RegistryError,
    428: InvalidInput,
    429: SignInNeeded,
}

JsonPart = RootModel[JsonValue]


@cache
def trusted() -> ssl.SSLContext:
    """The trusted certificate authorities, read once: that costs more than a request."""
    return httpx.create_ssl_context()


class Connection:
    """Asks the registry, again and again while it is away, and raises what it refuses as our errors.

    Asking again is safe: each POST carries an idempotency key, so whatever it asks for is done once.

    Args:
        url: Where the registry is, without the API's prefix.
        token: The caller's secret; shown by no repr and in no message.
        patience_s: For how long a registry that is away is asked again.
        timeout_s: For how long one answer is waited for.
        transport: Another way to reach the registry than the network.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience_s: float = 60,
        timeout_s: float = 10,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._patience_s = patience_s
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers=HANDSHAKE | ({"Authorization": f"Bearer {token}"} if token else {}),
            timeout=timeout_s,
            transport=transport,
            verify=trusted(),
        )

    def close(self) -> None:
        """Give up the connection."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _get(self, answer: type[R], path: str) -> R:
        return _read(answer, self._send("GET", path))

    def _post(self, answer: type[R], path: str, body: Record | None = None) -> R:
        key = {"Idempotency-Key": uuid4().hex}
        return _read(answer, self._send("POST", path, body=body, headers=key))

    def _put(self, answer: type[R], path: str, body: Record, *, revision: int | None = None) -> R:
        return _read(answer, self._send("PUT", path, body=body, revision=revision))

    def _patch(self, answer: type[R], path: str, body: Record, *, revision: int) -> R:
        return _read(answer, self._send("PATCH", path, body=body, revision=revision))

    def _delete(self, answer: type[R], path: str) -> R:
        return _read(answer, self._send("DELETE", path))

    def page(
        self,
        item: type[R],
        path: str,
        *,
        limit: int = 100,
        offset: int = 0,
        order: str | None = None,
        **filters: Filter,
    ) -> Page[R]:
        """A part of the list at `path`, and how many there are in all.

        Args:
            item: What the list holds.
            path: The list's, such as `/cubes`.
            limit: How many at most, 1 to 1000.
            offset: How many to skip.
            order: A field, or `-field` downwards; by id without one.
            filters: The list's own; None is any.
        """
        place: dict[str, Filter] = {"limit": limit, "offset": offset, "order": order}
        return self._page(item, path, {**filters, **place})

    def _list(self, item: type[R], path: str, **filters: Filter) -> list[R]:
        return list(self._walk(item, path, filters))

    def _walk(self, item: type[R], path: str, filters: Mapping[str, Filter]) -> Iterator[R]:
        offset = 0
        while True:
            place: dict[str, Filter] = {"limit": PAGE_SIZE, "offset": offset}
            page = self._page(item, path, {**filters, **place})
            yield from page.items
            offset += len(page.items)
            if not page.items or offset >= page.total:
                return

    def _page(self, item: type[R], path: str, params: Mapping[str, Filter]) -> Page[R]:
        chosen = {name: value for name, value in params.items() if value is not None}
        page = _read(Page[JsonPart], self._send("GET", path, params=chosen))
        return Page(total=page.total, items=[item.model_validate(part.root) for part in page.items])

    def _send(
        self,
        method: str,
        path: str,
        *,
        body: Record | None = None,
        params: Mapping[str, str | int | bool] | None = None,
        headers: Mapping[str, str] | None = None,
        revision: int | None = None,
    ) -> httpx.Response:
        read = {"If-Match": f'"{revision}"'} if revision else {}
        request = self._http.build_request(
            method,
            path if path in OUTSIDE else PREFIX + path,
            content=None if body is None else body.model_dump_json(exclude_unset=method == "PATCH"),
            headers={**(headers or {}), **read, **({} if body is None else JSON_BODY)},
            params=dict(params or {}),
        )
        answer = self._ask(request)
        if answer.is_success:
            return answer
        raise _refusal(answer)

    def _ask(self, request: httpx.Request) -> httpx.Response:
        """The first answer that is one; a registry that is away is asked until patience ends."""
        deadline = time.monotonic() + self._patience_s
        pause = FIRST_PAUSE_S
        while True:
            try:
                answer = self._http.send(request)
            except httpx.TransportError as error:
                found = type(error).__name__
            else:
                if answer.status_code not in AWAY:
                    return answer
                found = f"HTTP {answer.status_code}"
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                message = (
                    f"no answer from the registry in {self._patience_s:g} s ({found}), needed one; "
                    "is it running? try again later"
                )
                raise Unreachable(message) from None
            time.sleep(min(pause, remaining))
            pause = min(2 * pause, LONGEST_PAUSE_S)


def _read(answer: type[R], response: httpx.Response) -> R:
    try:
        return answer.model_validate_json(response.content)
    except ValidationError as error:
        found = f"the registry's answer is no {answer.__name__}"
        message = f"{found}, needed one; are both of the same version?"
        raise RegistryError(message, code=Code.UNEXPECTED) from error


def _refusal(response: httpx.Response) -> RoundsError:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        status = response.status_code
        message = f"the registry answered HTTP {status} without saying why; see the registry's log"
        return ERROR_OF_STATUS.get(status, RegistryError)(message)
    by_status = ERROR_OF_STATUS.get(response.status_code, RegistryError)
    code = Code(problem.code) if problem.code in set(Code) else Code.UNEXPECTED
    return ERROR_OF_CODE.get(code, by_status)(problem.detail, code=code)
