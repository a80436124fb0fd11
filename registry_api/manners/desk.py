"""What goes out: each answer with its headers, a line in the access log and a measurement."""

from http import HTTPStatus
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry_api.manners import metrics, request_ids
from registry_api.manners.answer_headers import AnswerHeaders
from registry_api.manners.logs import Visit, access_log
from registry_api.manners.templates import Templates

# What nginx logs when the caller left before there was an answer; HTTP has no word for it.
CALLER_LEFT = 499


class Desk:
    """Answers what `app` answers, under an id that is the caller's or a new one.

    Args:
        app: All of the application, also what answers its unexpected errors.
        templates: How its routes are called.
        headers: What each answer gets.
    """

    def __init__(self, app: ASGIApp, *, templates: Templates, headers: AnswerHeaders) -> None:
        self._app = app
        self._templates = templates
        self._headers = headers
        self._write = access_log()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have one request answered, and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_ids.choose(dict(scope["headers"]).get(request_ids.HEADER))
        request_ids.current.set(request_id)
        answer = Answer(send, self._headers, request_id)
        metrics.request_began()
        began = perf_counter()
        otherwise: int = HTTPStatus.INTERNAL_SERVER_ERROR
        try:
            await self._app(scope, receive, answer.send)
            otherwise = CALLER_LEFT
        finally:
            self._note(scope, answer.status or otherwise, answer.size, perf_counter() - began)

    def _note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        method, route = metrics.named(scope["method"]), self._templates.of(scope)
        metrics.request_ended(method, route, status=status, seconds=seconds)
        user_id = scope.get("state", {}).get("user_id")
        self._write(Visit(method, route, status, round(seconds * 1000, 3), user_id, size))


class Answer:
    """One answer on its way out."""

    __slots__ = ("_headers", "_request_id", "_send", "size", "status")

    def __init__(self, send: Send, headers: AnswerHeaders, request_id: str) -> None:
        self._send = send
        self._headers = headers
        self._request_id = request_id
        self.status = 0
        self.size = 0

    async def send(self, message: Message) -> None:
        """Pass on a part of it, its headers completed."""
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            message["headers"] = self._headers.complete(
                message.get("headers", ()), self._request_id
            )
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)
