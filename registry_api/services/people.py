"""People and their tokens."""

from datetime import timedelta

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal, hash_secret, new_secret
from registry_api.models import TokenRow, UserRow
from registry_api.services.audit import changed, created
from registry_api.services.paging import Window, page
from rounds.errors import Conflict, Forbidden, NotFound
from rounds.records.base import Page
from rounds.records.people import Scope, Token, TokenIn, User, UserIn


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The people that `who` may know of: all for an administrator, else only oneself."""
    return true() if who.is_admin else col(UserRow.id) == who.user_id


def add(session: Session, who: Principal, user: UserIn) -> User:
    """A new person.

    Raises:
        Forbidden: No administrator asks.
        Conflict: The e-mail is taken.
    """
    who.need_admin()
    row = add_row(session, who, user, is_admin=False)
    return as_user(row)


def add_row(session: Session, who: Principal, user: UserIn, *, is_admin: bool) -> UserRow:
    """A new person's row.

    Raises:
        Conflict: The e-mail is taken.
    """
    email = user.email.lower()
    if session.exec(select(UserRow.id).where(UserRow.email == email)).first() is not None:
        raise Conflict("the e-mail is another user's, needed a new one")
    row = UserRow(name=user.name, email=email, is_admin=is_admin)
    created(session, who, "user.add", row)
    return row


def list_users(session: Session, who: Principal, window: Window) -> Page[User]:
    """Everyone.

    Raises:
        Forbidden: No administrator asks.
    """
    who.need_admin()
    return page(session, select(UserRow), UserRow, window=window, read=as_user)


def find(session: Session, who: Principal, user_id: int) -> UserRow:
    """A person.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(UserRow).where(UserRow.id == user_id).where(visible_to(who))
    row = session.exec(statement).first()
    if row is None:
        raise NotFound(f"found no user {user_id} that you may know of; check the id")
    return row


def mint(session: Session, who: Principal, user_id: int, wanted: TokenIn) -> Token:
    """A new token with its secret, which nobody is shown again.

    Raises:
        NotFound: There is no such user that `who` may know of.
        Forbidden: It would reach further than the token that asks for it.
    """
    user = find(session, who, user_id)
    for scope in wanted.scopes:
        who.need(scope)
    if who.site is not None and wanted.site != who.site:
        raise Forbidden(f"the token is limited to site {who.site}, needed the new one limited too")
    return mint_row(session, who, user, wanted)


def mint_row(session: Session, who: Principal, user: UserRow, wanted: TokenIn) -> Token:
    """A new token with its secret, whoever asks."""
    secret = new_secret()
    row = TokenRow(
        user_id=user.key,
        label=wanted.label,
        sha256=hash_secret(secret),
        scopes=sorted(set(wanted.scopes)),
        site=wanted.site,
        expires_at=who.at + timedelta(seconds=wanted.ttl_s),
    )
    created(session, who, "token.mint", row)
    return as_token(row, secret)


def revoke(session: Session, who: Principal, token_id: int) -> Token:
    """The token, good for nothing from now on; revoked twice it stays so.

    Raises:
        NotFound: There is no such token of one's own (or, for an administrator, of anybody).
    """
    row = session.get(TokenRow, token_id)
    if row is None or not (who.is_admin or row.user_id == who.user_id):
        raise NotFound(f"found no token {token_id} that you may know of; check the id")
    if row.revoked_at is None:
        with changed(session, who, "token.revoke", row):
            row.revoked_at = who.at
    return as_token(row)


def as_user(row: UserRow) -> User:
    """The record of a row."""
    return User.model_validate(row.model_dump())


def as_token(row: TokenRow, secret: str | None = None) -> Token:
    """The record of a row; the secret only while it is minted."""
    return Token(
        id=row.key,
        label=row.label,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        site=row.site,
        expires_at=row.expires_at,
        secret=secret,
    )
