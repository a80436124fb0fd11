"""Signing in with a password, and what belongs to it: invitations, new passwords, the second factor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from registry_api.auth import Principal, hash_secret, memberships_of, principal_of
from registry_api.credentials import totp
from registry_api.credentials.throttle import Failures, after_failure, wait_s
from registry_api.models import FailureRow, OrganisationRow, TokenRow, UserRow
from registry_api.services import members, people, tokens
from registry_api.services.audit import changed
from registry_api.services.endings import end, end_all
from rounds.digests import sha256_bytes
from rounds.errors import Code, Conflict, SignInNeeded
from rounds.records.people import Role, SecondFactor, Token, TokenKind, User

SESSION_TTL = timedelta(days=7)
FORGOTTEN = timedelta(days=1)
WRONG = "e-mail, password or code is wrong, needed the right ones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a sign-in is checked against; `password_hash` is None where there is no such account."""

    password_hash: str | None
    wait_s: float


def begin(session: Session, now: datetime, *, email: str) -> Account:
    """The account of an e-mail, and how long its next try has to wait.

    A try counts as failed until it has succeeded, so that many at once do not count as one.
    """
    row = session.get(FailureRow, _key(email))
    failures = Failures(row.count, row.last) if row else Failures()
    wait = wait_s(failures, now)
    if wait == 0:
        after = after_failure(failures, now)
        session.merge(FailureRow(sha256=_key(email), count=after.count, last=after.last or now))
    user = _user(session, email)
    return Account(password_hash=user.password_hash if user else None, wait_s=wait)


def succeed(
    session: Session, now: datetime, *, email: str, password_hash: str | None, code: str | None
) -> Token:
    """A session of whoever has the e-mail, whose password was right against that hash.

    Raises:
        SignInNeeded: The account is closed, the password was changed meanwhile, or the one-time code of its
            second factor is missing or wrong.
    """
    user = _user(session, email)
    if user is None or not user.is_valid or user.password_hash != password_hash:
        raise SignInNeeded(WRONG)
    if user.totp_secret is not None:
        if code is None:
            needed = "needed the one-time code of your second factor too"
            raise SignInNeeded(f"found a password, {needed}", code=Code.SECOND_FACTOR)
        step = totp.matching_step(user.totp_secret, code, now, after=user.totp_step)
        if step is None:
            raise SignInNeeded(WRONG)
        user.totp_step = step
    session.exec(delete(FailureRow).where(col(FailureRow.sha256) == _key(email)))
    return open_session(session, user, now, second_factor=user.totp_secret is not None)


def open_session(session: Session, user: UserRow, now: datetime, *, second_factor: bool) -> Token:
    """A new session of a person who has just signed in."""
    row = TokenRow(
        user_id=user.key,
        kind=TokenKind.SESSION,
        label="sign-in",
        sha256="",
        role=Role.ADMINISTRATOR if user.is_admin else Role.MANAGER,
        expires_at=now + SESSION_TTL,
        signed_in_at=now,
        second_factor=second_factor,
    )
    who = principal_of(user, row, memberships_of(session, user.key), now)
    return tokens.store(session, who, row)


def look_up(session: Session, now: datetime, *, secret: str) -> None:
    """Pass if an invitation is good.

    Raises:
        SignInNeeded: It is unknown, used or expired.
    """
    _invitation(session, now, secret)


def accept(session: Session, now: datetime, *, secret: str, password_hash: str) -> Token:
    """A session of who was invited, whose password is set now; every earlier session ends.

    A second factor stays: who resets a password is still asked for the code at the next sign-in.

    Raises:
        SignInNeeded: The invitation is unknown, used or expired.
    """
    row = _invitation(session, now, secret)
    user = session.get_one(UserRow, row.user_id)
    who = principal_of(user, row, {}, now)
    end(session, who, row)
    set_password(session, who, user, password_hash)
    return open_session(session, user, now, second_factor=False)


def set_password(session: Session, who: Principal, user: UserRow, password_hash: str) -> None:
    """Give a user a new password; all their sessions end."""
    with changed(session, who, "user.password", user):
        user.password_hash = password_hash
    end_all(session, who, user.key, TokenKind.SESSION)


def password_of(session: Session, who: Principal) -> str | None:
    """The stored hash of one's own password, for who is about to change it.

    Raises:
        SignInNeeded: The sign-in is older than 15 minutes or lacks the code, or an API token asks.
    """
    user = session.get_one(UserRow, who.user_id)
    who.need_fresh()
    return user.password_hash


def change_password(session: Session, who: Principal, password_hash: str) -> Token:
    """A session, the only one left, after one's own password was changed; it came without a one-time code."""
    user = session.get_one(UserRow, who.user_id)
    set_password(session, who, user, password_hash)
    return open_session(session, user, who.at, second_factor=False)


def offer_second_factor(session: Session, who: Principal) -> SecondFactor:
    """A new second factor of one's own, in force once a code of it is given back.

    Raises:
        SignInNeeded: The sign-in is older than 15 minutes, or an API token asks.
    """
    user = session.get_one(UserRow, who.user_id)
    who.need_fresh()
    secret = totp.new_secret()
    with changed(session, who, "user.second_factor_offered", user):
        user.totp_candidate = secret
    return SecondFactor(secret=secret, uri=totp.provisioning_uri(secret, email=user.email))


def confirm_second_factor(session: Session, who: Principal, code: str) -> User:
    """The user, whose offered second factor is in force from now on.

    Raises:
        Forbidden: The token is limited to a site.
        Conflict: None was offered.
        SignInNeeded: The code is not of it.
    """
    who.need_unlimited()
    user = session.get_one(UserRow, who.user_id)
    if user.totp_candidate is None:
        raise Conflict("found no second factor to confirm, needed one that was offered first")
    step = totp.matching_step(user.totp_candidate, code, who.at, after=None)
    if step is None:
        message = "the code is not of the second factor that was offered, needed its current one"
        raise SignInNeeded(message, code=Code.SECOND_FACTOR)
    with changed(session, who, "user.second_factor", user):
        user.totp_secret, user.totp_candidate, user.totp_step = user.totp_candidate, None, step
    end_all(session, who, user.key, TokenKind.SESSION)
    return people.as_user(user)


def drop_second_factor(session: Session, who: Principal, user_id: int) -> User:
    """The user, without a second factor: an administrator's help for somebody who lost theirs.

    It ends their places in organisations that ask for codes: a manager of it, who knows them, offers them
    again. Otherwise an administrator, who can invite anybody, could sign in as anybody who decides by codes.

    Raises:
        Forbidden: No administrator asks.
        SignInNeeded: The administrator's sign-in is older than 15 minutes.
        NotFound: There is no such user.
        Conflict: The user's own organisation of one asks for codes.
    """
    who.need_admin()
    who.need_fresh()
    user = people.find(session, who, user_id)
    _need_home_without_codes(session, user)
    members.end_places_by_code(session, who, user)
    with changed(session, who, "user.second_factor_dropped", user):
        user.totp_secret, user.totp_candidate = None, None
    end_all(session, who, user.key, TokenKind.SESSION)
    return people.as_user(user)


def forget_old(session: Session, now: datetime) -> None:
    """Drop failures that no longer count."""
    session.exec(delete(FailureRow).where(col(FailureRow.last) < now - FORGOTTEN))


def _invitation(session: Session, now: datetime, secret: str) -> TokenRow:
    row = session.exec(
        select(TokenRow)
        .where(TokenRow.sha256 == hash_secret(secret))
        .where(TokenRow.kind == TokenKind.INVITATION)
    ).first()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        message = "the invitation is unknown, used or expired"
        raise SignInNeeded(f"{message}, needed a fresh one; ask an administrator")
    return row


def _need_home_without_codes(session: Session, user: UserRow) -> None:
    home = session.get(OrganisationRow, user.organisation_id) if user.organisation_id else None
    if home is not None and home.second_factor:
        found = f"user {user.key}'s own organisation asks for codes"
        needed = "needed one that does not; they turn that off by a sign-in with a code"
        raise Conflict(f"{found}, {needed}, or you close the account and add another one")


def _user(session: Session, email: str) -> UserRow | None:
    return session.exec(select(UserRow).where(UserRow.email == email.lower())).first()


def _key(email: str) -> str:
    return sha256_bytes(email.lower().encode())
