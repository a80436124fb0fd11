"""Routes whose bodies are read strictly.

FastAPI turns whatever goes wrong while it reads a body into a bare 400, but for HTTPExceptions: hence `BodyRefused`.
"""

import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue

from registry_api.manners import refusals, strict_json
from rounds.errors import InvalidInput

# Reading so much takes milliseconds, in which no other request would be answered.
LARGE = 1 << 16
JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)


class BodyRefused(HTTPException):
    """A body that no route may see."""

    def __init__(self, status: HTTPStatus, error: InvalidInput) -> None:
        super().__init__(status_code=status, detail=error.summary)
        self.problem = refusals.problem(status, error)


class StrictRequest(Request):
    """A request whose body is JSON of the strict kind, or none at all."""

    async def body(self) -> bytes:
        """The body's bytes.

        Raises:
            BodyRefused: There are some, and they are not declared to be JSON.
        """
        found = await super().body()
        if found and not JSON_TYPE.fullmatch(self.headers.get("content-type", "")):
            message = "found a body of another Content-Type, needed application/json"
            raise BodyRefused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, InvalidInput(message))
        return found

    async def json(self) -> JsonValue:
        """The body's value.

        Raises:
            BodyRefused: It is not as strict as `strict_json.read` has it.
        """
        body = await self.body()
        try:
            if len(body) < LARGE:
                return strict_json.read(body)
            return await to_thread.run_sync(strict_json.read, body)
        except InvalidInput as error:
            raise BodyRefused(HTTPStatus.UNPROCESSABLE_ENTITY, error) from None


class StrictRoute(APIRoute):
    """A route that reads a `StrictRequest`. A router must have this class before its routes are declared."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        answer = super().get_route_handler()

        async def answer_strictly(request: Request) -> Response:
            return await answer(StrictRequest(request.scope, request.receive))

        return answer_strictly


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """The refusal as problem+json."""
    if not isinstance(error, BodyRefused):
        raise error
    return Response(
        error.problem, status_code=error.status_code, media_type=refusals.MEDIA_TYPE.decode()
    )
