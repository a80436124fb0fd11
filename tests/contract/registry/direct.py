"""A registry without HTTP: services as `registry_api.deps` runs them, each call in its transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from registry_api.auth import Principal, memberships_of, principal_of
from registry_api.deadlines import end_due
from registry_api.models import Entity, TokenRow, UserRow
from registry_api.storage.database import Database
from rounds.records.people import Role, TokenKind

P = ParamSpec("P")
T = TypeVar("T")


class Direct:
    """The registry on a database, asked by people who have all just signed in."""

    def __init__(self, address: str, now: datetime) -> None:
        self.database = Database(address)
        self.now = now

    def sweep(self) -> None:
        """End what is over, as every request does first."""
        end_due(self.database, self.now)

    def ask(
        self,
        user_id: int,
        service: Callable[Concatenate[Session, Principal, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What a service answers a person."""

        def work(session: Session) -> T:
            return service(session, self._principal(session, user_id), *args, **kwargs)

        self.sweep()
        return self.database.write(work)

    def revision_of(self, row: type[Entity], number: int) -> int:
        """The revision that somebody would read a moment before."""
        with self.database.reading() as session:
            return session.get_one(row, number).revision

    def _principal(self, session: Session, user_id: int) -> Principal:
        user = session.get_one(UserRow, user_id)
        token = TokenRow(
            user_id=user_id,
            kind=TokenKind.SESSION,
            label="session",
            sha256="",
            role=Role.ADMINISTRATOR,
            expires_at=self.now,
            signed_in_at=self.now,
        )
        return principal_of(user, token, memberships_of(session, user_id), self.now)
