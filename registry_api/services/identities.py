"""People whom an OIDC provider vouches for: an account on first sight, a principal on every other."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from registry_api.auth import Principal, memberships_of, nobody, principal_of
from registry_api.credentials.oidc import Identity
from registry_api.credentials.oidc_claims import LONGEST_NAME
from registry_api.models import TokenRow, UserRow
from registry_api.services import people
from registry_api.services.audit import changed
from rounds.errors import SignInNeeded
from rounds.identifiers import kinds_in
from rounds.records.people import Role, TokenKind, UserIn

NAMELESS = "no name yet"


def find(session: Session, identity: Identity) -> UserRow | None:
    """The account of an identity, if it was seen before."""
    return session.exec(
        select(UserRow)
        .where(UserRow.issuer == identity.issuer)
        .where(UserRow.subject == identity.subject)
    ).first()


def enrol(session: Session, now: datetime, identity: Identity) -> int:
    """The id of the account of an identity, made now if it is new.

    An account that was prepared for the e-mail and never signed in becomes the identity's own.

    Raises:
        SignInNeeded: The e-mail's account signs in another way.
    """
    known = find(session, identity)
    if known is not None:
        return known.key
    who = nobody(now, "sign-in by provider")
    email = identity.email.lower()
    row = session.exec(select(UserRow).where(UserRow.email == email)).first()
    if row is None:
        row = people.add_row(session, who, UserIn(name=_name_of(identity), email=email))
    elif row.password_hash is not None or row.issuer is not None:
        message = "the e-mail's account signs in another way"
        raise SignInNeeded(f"{message}, needed that one; ask an administrator to join them")
    with changed(session, who, "user.identity", row):
        row.issuer, row.subject = identity.issuer, identity.subject
    return row.key


def principal(session: Session, identity: Identity, now: datetime) -> Principal:
    """The principal of an identity that has an account.

    Raises:
        SignInNeeded: The account is closed.
    """
    user = find(session, identity)
    if user is None:
        raise SignInNeeded("the account is not there yet, needed a second try; ask again")
    token = TokenRow(
        user_id=user.key,
        kind=TokenKind.SESSION,
        label="sign-in by provider",
        sha256="",
        role=Role.ADMINISTRATOR if user.is_admin else Role.MANAGER,
        expires_at=now,
    )
    who = principal_of(user, token, memberships_of(session, user.key), now)
    return replace(
        who, signed_in_at=identity.signed_in_at, second_factor=identity.with_second_factor
    )


def _name_of(identity: Identity) -> str:
    """What the provider calls the person, or what stands before the @, if the gate lets it pass.

    Nobody is kept out by what their provider calls them: who has neither gives a name later.
    """
    before = identity.email.partition("@")[0][:LONGEST_NAME]
    return next((name for name in (identity.name, before) if not kinds_in(name)), NAMELESS)
