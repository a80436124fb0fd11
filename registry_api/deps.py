"""What a route is given: its request, run as one transaction of whoever the token names.

1. What is due by time is settled before a request looks, at most once a second in a process.
2. A write that another one came between is decided again from the start, by `Database.write`.
3. A POST that names an idempotency key is done once: its answer is kept with what it changed, or neither is.
   Asked again, by a token of the same role and site, it gets the same answer.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Header, Path, Request
from pydantic import Field
from sqlmodel import Session

from registry_api.auth import PREFIX, Principal, authenticate, bearer
from registry_api.credentials.oidc import OidcVerifier
from registry_api.deadlines import end_due
from registry_api.duties import Duties
from registry_api.services import answers, identities
from registry_api.settings import RegistrySettings
from registry_api.storage.database import Database
from rounds.digests import sha256_bytes
from rounds.errors import Code, InvalidInput, RoundsError
from rounds.records.base import LARGEST_ID, Record
from rounds.records.people import Role

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record)
Clock = Callable[[], datetime]
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
IdFilter = Annotated[int | None, Field(ge=1, le=LARGEST_ID)]
NameFilter = Annotated[str | None, Field(max_length=128, pattern=r"^[^\x00]*$")]
ETAG = re.compile(r'(?:W/)?"(\d{1,18})"')
BETWEEN_SWEEPS = timedelta(seconds=1)


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Sweeper:
    """Ends what is past its deadline before a request looks."""

    database: Database
    last: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sweep(self, now: datetime) -> None:
        """Settle what is due, if the last time is a second ago; a clock that was turned back counts as one."""
        with self.lock:
            if self.last is not None and timedelta(0) <= now - self.last < BETWEEN_SWEEPS:
                return
            self.last = now
        end_due(self.database, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every request of one application shares."""

    database: Database
    settings: RegistrySettings
    clock: Clock
    sweeper: Sweeper
    duties: Duties
    verifier: OidcVerifier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. A service is run with a session and with who asks, then with what the route gives."""

    office: Office
    request: Request
    authorization: str | None
    answer_key: answers.Key | None = None

    def read(
        self,
        service: Callable[Concatenate[Session, Principal, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What `service` answers on one snapshot; nothing it changed is kept."""
        asker = self._asker(self._begin())
        with self.office.database.reading() as session:
            return service(session, self._named(asker(session)), *args, **kwargs)

    def write(
        self,
        service: Callable[Concatenate[Session, Principal, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """What `service` answers, its changes committed together with the audit of them."""
        asker = self._asker(self._begin())

        def work(session: Session) -> R:
            who = self._writer(asker(session))
            answer = service(session, who, *args, **kwargs)
            if self.answer_key is not None:
                answers.keep(session, who, self.answer_key, answer)
            return answer

        try:
            return self.office.database.write(work)
        except RoundsError:
            self._recall(asker)
            raise

    def _recall(self, asker: Callable[[Session], Principal]) -> None:
        """Give the answer that was given before, if the key was taken by the same request.

        In a transaction of its own, so that keys of others never count as read by this one.
        """
        if self.answer_key is not None:
            with self.office.database.reading() as session:
                answers.recall(session, self._writer(asker(session)), self.answer_key)

    def glance(
        self,
        service: Callable[Concatenate[Session, datetime, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What `service` answers to somebody without a token, on one snapshot."""
        now = self._begin()
        with self.office.database.reading() as session:
            return service(session, now, *args, **kwargs)

    def open(
        self,
        service: Callable[Concatenate[Session, datetime, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What `service` answers to somebody without a token, its changes committed."""
        now = self._begin()
        return self.office.database.write(lambda session: service(session, now, *args, **kwargs))

    def _begin(self) -> datetime:
        now = self.office.clock()
        self.office.sweeper.sweep(now)
        return now

    def _asker(self, now: datetime) -> Callable[[Session], Principal]:
        """How to learn who asks; whom a provider vouches for has an account from here on."""
        secret, verifier = bearer(self.authorization), self.office.verifier
        if verifier is None or secret.startswith(PREFIX):
            return partial(authenticate, secret=secret, now=now)
        identity = verifier.verify(secret, now)
        with self.office.database.reading() as session:
            known = identities.find(session, identity) is not None
        if not known:
            self.office.database.write(partial(identities.enrol, now=now, identity=identity))
        return partial(identities.principal, identity=identity, now=now)

    def _writer(self, who: Principal) -> Principal:
        """Who asks, if the token may write: before anything is done, and before an answer is given again."""
        self._named(who).need(Role.MEMBER)
        return who

    def _named(self, who: Principal) -> Principal:
        self.request.state.user_id = who.user_id
        return who


async def open_call(request: Request) -> Call:
    """The request's call."""
    return Call(
        office=request.app.state.office,
        request=request,
        authorization=request.headers.get("authorization"),
    )


async def open_post(
    call: Annotated[Call, Depends(open_call)],
    idempotency_key: Annotated[
        str | None, Header(min_length=8, max_length=100, pattern=r"^[\x21-\x7e]+$")
    ] = None,
) -> Call:
    """The call of a POST, which is done once if it names an idempotency key."""
    if idempotency_key is None:
        return call
    request = call.request
    told = f"{request.method} {request.url.path}\n".encode() + await request.body()
    status = request.scope["route"].status_code or 200
    key = answers.Key(key=idempotency_key, request_sha256=sha256_bytes(told), status=status)
    return replace(call, answer_key=key)


async def read_revision(
    if_match: Annotated[str | None, Header(description="the ETag that was read")] = None,
) -> int:
    """The revision that a change starts from.

    Raises:
        InvalidInput: If-Match is missing, or is no ETag of the registry's.
    """
    if if_match is None:
        message = "found no If-Match, needed the ETag that was read; read it first"
        raise InvalidInput(message, code=Code.REVISION_NEEDED)
    found = ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput('found another If-Match than "<number>", needed the ETag that was read')
    return int(found[1])


TheCall = Annotated[Call, Depends(open_call)]
ThePost = Annotated[Call, Depends(open_post)]
TheRevision = Annotated[int, Depends(read_revision)]
