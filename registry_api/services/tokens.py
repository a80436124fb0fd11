"""Tokens: minted for oneself, shown once, known by their sha256, and ended by whoever has them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal, authenticate, hash_secret, new_secret
from registry_api.models import TokenRow, UserRow
from registry_api.services import people
from registry_api.services.audit import created
from registry_api.services.endings import end, end_all
from registry_api.services.names import check_texts
from registry_api.services.paging import Wanted, Window, one, page
from rounds.errors import Conflict, Forbidden, NotFound
from rounds.records.base import Page
from rounds.records.people import Role, Token, TokenIn, TokenKind

SORTABLE = ("id", "label", "expires_at")
INVITATION_TTL = timedelta(days=7)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The tokens that `who` may know of: one's own, for an administrator everybody's, for a site's token itself."""
    if who.site is not None:
        return col(TokenRow.id) == who.token_id
    return true() if who.is_admin else col(TokenRow.user_id) == who.user_id


def mint(session: Session, who: Principal, user_id: int, wanted: TokenIn) -> Token:
    """A new API token of one's own with its secret, which nobody is shown again.

    Raises:
        NotFound: There is no such user that `who` may know of.
        Forbidden: It would be somebody else's, or an administrator's without one asking.
        SignInNeeded: The sign-in is older than 15 minutes, or an API token asks: none makes its successor.
        InvalidInput: The label looks like an identifier.
    """
    user = people.find(session, who, user_id)
    if user.id != who.user_id:
        raise Forbidden(f"user {user_id} mints their own tokens, needed their sign-in")
    who.need(wanted.role)
    if wanted.role is Role.ADMINISTRATOR:
        who.need_admin()
    who.need_fresh()
    check_texts(wanted)
    row = TokenRow(
        user_id=user.key,
        label=wanted.label,
        sha256="",
        role=wanted.role,
        site=wanted.site,
        expires_at=who.at + timedelta(seconds=wanted.ttl_s),
    )
    return store(session, who, row)


def invite(session: Session, who: Principal, user_id: int) -> Token:
    """A secret with which a person sets a first, or a forgotten, password; earlier ones end.

    Raises:
        NotFound: There is no such user that `who` may know of.
        Forbidden: No administrator asks.
        SignInNeeded: The administrator's sign-in is older than 15 minutes, or an API token asks.
        Conflict: The account is closed.
    """
    user = people.find(session, who, user_id)
    who.need_admin()
    # An invitation leads to a session, and a session decides: no API token may come by one.
    who.need_fresh()
    if not user.is_valid:
        raise Conflict(f"the account of user {user_id} is closed, needed a live one")
    return store(session, who, invitation_for(session, who, user))


def invitation_for(session: Session, who: Principal, user: UserRow) -> TokenRow:
    """The row of a new invitation; those before it end."""
    end_all(session, who, user.key, TokenKind.INVITATION)
    return TokenRow(
        user_id=user.key,
        kind=TokenKind.INVITATION,
        label="invitation",
        sha256="",
        role=Role.READER,
        expires_at=who.at + INVITATION_TTL,
    )


def store(session: Session, who: Principal, row: TokenRow) -> Token:
    """A new token with its secret, whoever asks."""
    secret = new_secret()
    row.sha256 = hash_secret(secret)
    created(session, who, f"token.{row.kind}", row)
    return as_token(row, secret)


def list_tokens(session: Session, who: Principal, window: Window, *, wanted: Wanted) -> Page[Token]:
    """The tokens that `who` may know of, without their secrets."""
    statement = select(TokenRow).where(visible_to(who))
    return page(
        session, statement, TokenRow, window=window, wanted=wanted, sortable=SORTABLE, read=as_token
    )


def revoke(session: Session, who: Principal, token_id: int) -> Token:
    """The token, good for nothing from now on; revoked twice it stays so.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    row = one(session, TokenRow, token_id, visible_to(who), "token")
    end(session, who, row)
    return as_token(row)


def revoke_used(session: Session, now: datetime, secret: str) -> Token:
    """The very token that asks, good for nothing from now on: a sign-out, which a reader's may do as well.

    Raises:
        NotFound: It is none of this registry, such as a provider's.
        SignInNeeded: It has ended already.
    """
    row = session.exec(select(TokenRow).where(TokenRow.sha256 == hash_secret(secret))).first()
    if row is None:
        raise NotFound("found no token of this registry to end; sign out at your provider")
    end(session, authenticate(session, secret, now), row)
    return as_token(row)


def as_token(row: TokenRow, secret: str | None = None) -> Token:
    """The record of a row; the secret only while it is minted."""
    return Token(
        id=row.key,
        user_id=row.user_id,
        kind=TokenKind(row.kind),
        label=row.label,
        role=Role(row.role),
        site=row.site,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        secret=secret,
    )
