"""Who asks: an API token becomes a principal, or a sentence that says why not."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from registry_api.models import TokenRow, UserRow
from rounds.digests import sha256_bytes
from rounds.errors import Forbidden, SignInNeeded
from rounds.records.people import Scope

NOBODY = 0
PREFIX = "rnd_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, with which rights, and at what moment.

    `site` limits a worker's token to that site's datasets, and takes an administrator's rights from it.
    """

    user_id: int
    is_admin: bool
    scopes: frozenset[Scope]
    site: str | None
    label: str
    at: datetime

    def need(self, scope: Scope) -> None:
        """Pass if the token has `scope`.

        Raises:
            Forbidden: It has not.
        """
        if scope not in self.scopes:
            found = ", ".join(sorted(self.scopes)) or "nothing"
            raise Forbidden(f"the token may {found}, needed one that may {scope}")

    def need_admin(self) -> None:
        """Pass if an administrator asks.

        Raises:
            Forbidden: Somebody else does.
        """
        if not self.is_admin:
            raise Forbidden("this is an administrator's, needed an administrator's token")


def nobody(at: datetime, label: str) -> Principal:
    """The principal of what the registry does by itself, such as a deadline."""
    return Principal(
        user_id=NOBODY, is_admin=False, scopes=frozenset(), site=None, label=label, at=at
    )


def new_secret() -> str:
    """A token's secret: 256 random bits, which is why a plain sha256 may keep it."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What the database holds in place of a secret."""
    return sha256_bytes(secret.encode())


def authenticate(session: Session, header: str | None, now: datetime) -> Principal:
    """The principal of an Authorization header.

    Raises:
        SignInNeeded: There is no bearer token, or it is unknown, expired or revoked.
    """
    scheme, _, secret = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise SignInNeeded("found no token, needed 'Authorization: Bearer <token>'; sign in")
    digest = hash_secret(secret.strip())
    found = session.exec(
        select(TokenRow, UserRow)
        .where(TokenRow.user_id == UserRow.id)
        .where(TokenRow.sha256 == digest)
    ).first()
    if found is None:
        raise SignInNeeded("the token is unknown, needed one of this registry; sign in again")
    token, user = found
    if token.revoked_at is not None:
        raise SignInNeeded("the token was revoked, needed a live one; sign in again")
    if token.expires_at <= now:
        raise SignInNeeded("the token has expired, needed a live one; sign in again")
    return principal_of(user, token, now)


def principal_of(user: UserRow, token: TokenRow, now: datetime) -> Principal:
    """The principal of a user's own token."""
    return Principal(
        user_id=user.key,
        is_admin=user.is_admin and token.site is None,
        scopes=frozenset(Scope(scope) for scope in token.scopes),
        site=token.site,
        label=token.label,
        at=now,
    )
