"""What may come in: clients that are new enough, bodies that are small enough and come in time.

1. A body that says it is too large is refused before any of it is read.
2. One that does not say is counted while it comes, and refused at the byte that is too many.
3. Who is refused may still be sending. What still comes is thrown away for a moment before the connection
   is closed: closed at once, the kernel would reset it, and the answer could be lost on its way.
4. The application sees a refused caller as one that has left; whatever it answers goes nowhere.
"""

import asyncio
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry_api.manners import handshake, refusals
from rounds.errors import Code, InvalidInput

BODY_TIMEOUT_S = 30.0
LINGER_S = 2.0
DIGITS_OF_A_LENGTH = 20
CLOSE = ((b"connection", b"close"),)
# RFC 9110, 15.5.22: an answer 426 must say to what one should upgrade.
UPGRADE = (
    (b"upgrade", f"Rounds/{handshake.MINIMUM_CLIENT}".encode()),
    (b"connection", b"close, upgrade"),
)
LEFT: Message = {"type": "http.disconnect"}


class Gate:
    """Lets a request pass to `app`, or refuses it.

    Args:
        app: What is behind the gate.
        max_body_bytes: How large a body may be.
        body_timeout_s: How long all of a body may take.
    """

    def __init__(
        self, app: ASGIApp, *, max_body_bytes: int, body_timeout_s: float = BODY_TIMEOUT_S
    ) -> None:
        self._app = app
        self.max_body_bytes = max_body_bytes
        self.body_timeout_s = body_timeout_s
        large = f"found a body of more than {max_body_bytes} bytes, needed at most so many"
        slow = f"found a body that was not whole after {body_timeout_s:g} s, needed it sooner"
        self.too_large = refusals.problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, InvalidInput(large, code=Code.TOO_LARGE)
        )
        self.too_slow = refusals.problem(HTTPStatus.REQUEST_TIMEOUT, InvalidInput(slow))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or have it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        passage = Passage(self, receive, send)
        fault = handshake.find_fault(headers.get(handshake.CLIENT_HEADER))
        if self._says_too_large(headers.get(b"content-length")):
            await passage.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self.too_large)
        elif fault is not None:
            status = HTTPStatus.UPGRADE_REQUIRED
            await passage.refuse(status, refusals.problem(status, fault), UPGRADE)
        else:
            await self._pass(scope, passage)

    async def _pass(self, scope: Scope, passage: "Passage") -> None:
        try:
            await self._app(scope, passage.receive, passage.send)
        except ClientDisconnect:
            if not passage.closed:
                raise

    def _says_too_large(self, length: bytes | None) -> bool:
        if length is None or not length.isdigit():
            return False
        return len(length) > DIGITS_OF_A_LENGTH or int(length) > self.max_body_bytes


class Passage:
    """One request on its way in, until its body is whole or it is refused."""

    __slots__ = (
        "_deadline",
        "_gate",
        "_receive",
        "_received",
        "_send",
        "_started",
        "_whole",
        "closed",
    )

    def __init__(self, gate: Gate, receive: Receive, send: Send) -> None:
        self._gate = gate
        self._receive = receive
        self._send = send
        self._received = 0
        self._deadline: float | None = None
        self._started = False
        self._whole = False
        self.closed = False

    async def receive(self) -> Message:
        """The next part of the body; whoever is refused has left."""
        if self.closed:
            return LEFT
        if self._whole:
            return await self._receive()
        message = await self._next()
        if message is None:
            return await self._shut(HTTPStatus.REQUEST_TIMEOUT, self._gate.too_slow)
        if message["type"] == "http.disconnect":
            self.closed = True
            return message
        self._received += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._received > self._gate.max_body_bytes:
            return await self._shut(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._gate.too_large)
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the application's answer, unless nobody waits for it."""
        if not self.closed:
            self._started = True
            await self._send(message)

    async def refuse(
        self, status: HTTPStatus, body: bytes, headers: refusals.Headers = CLOSE
    ) -> None:
        """Answer `body`, and close the connection."""
        self.closed = True
        await self._send(refusals.begin(status, body, headers))
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
        await self._linger()
        await self._send({"type": "http.response.body", "body": b""})

    async def _shut(self, status: HTTPStatus, body: bytes) -> Message:
        self.closed = True
        if not self._started:
            await self.refuse(status, body)
        return LEFT

    async def _next(self) -> Message | None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + self._gate.body_timeout_s
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._receive()
        except TimeoutError:
            return None

    async def _linger(self) -> None:
        coming = not self._whole
        try:
            async with asyncio.timeout(LINGER_S):
                while coming:
                    message = await self._receive()
                    coming = message.get("more_body", False)
        except TimeoutError:
            return
