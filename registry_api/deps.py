"""What a route is given: its request's transactions, opened as whoever its token names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlmodel import Session

from registry_api.auth import Principal, authenticate
from registry_api.database import Database
from registry_api.services import expiry
from registry_api.services.paging import Window
from registry_api.settings import RegistrySettings
from rounds.records.people import Scope

Clock = Callable[[], datetime]
LARGEST_ID = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
IdFilter = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


def utc_now() -> datetime:
    """The present moment, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. What is due by time is settled before it looks."""

    database: Database
    settings: RegistrySettings
    clock: Clock
    authorization: str | None

    @contextmanager
    def reading(self) -> Iterator[tuple[Session, Principal]]:
        """A snapshot, for a token that may read."""
        now = self._sweep()
        with self.database.reading() as session:
            who = authenticate(session, self.authorization, now)
            who.need(Scope.READ)
            yield session, who

    @contextmanager
    def writing(self, scope: Scope = Scope.WRITE) -> Iterator[tuple[Session, Principal]]:
        """A transaction, for a token that has `scope`; committed when the block ends."""
        now = self._sweep()
        with self.database.writing() as session:
            who = authenticate(session, self.authorization, now)
            who.need(scope)
            yield session, who

    def _sweep(self) -> datetime:
        now = self.clock()
        with self.database.reading() as session:
            due = expiry.is_due(session, now)
        if due:
            with self.database.writing() as session:
                expiry.sweep(session, now)
        return now


async def open_call(request: Request) -> Call:
    """The request's call."""
    state = request.app.state
    return Call(
        database=state.database,
        settings=state.settings,
        clock=state.clock,
        authorization=request.headers.get("authorization"),
    )


async def read_window(
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Window:
    """Which part of a list is wanted."""
    return Window(limit=limit, offset=offset)


TheCall = Annotated[Call, Depends(open_call)]
TheWindow = Annotated[Window, Depends(read_window)]
