"""Who asks: a token becomes a principal, or a sentence that says why not."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from registry_api.models import MemberRow, OrganisationRow, TokenRow, UserRow
from rounds.digests import sha256_bytes
from rounds.errors import Code, Forbidden, SignInNeeded
from rounds.records.people import Role, TokenKind

NOBODY = 0
PREFIX = "rnd_"
FRESH = timedelta(minutes=15)
_TOKEN, _USER, _MEMBER = (
    SQLModel.metadata.tables[str(row.__tablename__)].c for row in (TokenRow, UserRow, MemberRow)
)
# Every request asks it: built once, and of the columns alone, which takes half the time of making rows.
BEARER = (
    select_columns(
        *(column for column in _TOKEN if column.name not in {"is_valid", "revision", "sha256"}),
        *(_USER[name] for name in ("is_valid", "organisation_id", "email", "is_admin")),
        _USER.totp_secret,
        _MEMBER.organisation_id.label("member_of"),
        _MEMBER.role.label("member_role"),
    )
    .join(_USER.id.table, _TOKEN.user_id == _USER.id)
    .outerjoin(_MEMBER.id.table, _MEMBER.user_id == _USER.id)
    .where(_TOKEN.sha256 == bindparam("secret_sha256"))
    .where(_TOKEN.kind != TokenKind.INVITATION)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks, with which rights, and at what moment.

    `cap` is the token's role; `roles` are those in each organisation, none above the cap. `site` limits
    a worker's token to that site's datasets: anything else it reads at most, and it administers nothing.
    `signed_in_at` is set for a person's session, never for an API token. `has_factor` says whether the
    person has a second factor, `second_factor` whether this sign-in came with it.
    """

    user_id: int
    home_id: int
    email: str
    is_admin: bool
    cap: Role
    roles: Mapping[int, Role]
    site: str | None
    label: str
    at: datetime
    token_id: int | None = None
    signed_in_at: datetime | None = None
    has_factor: bool = False
    second_factor: bool = False

    @property
    def organisations(self) -> tuple[int, ...]:
        """The organisations that `self` belongs to."""
        return tuple(sorted(self.roles))

    def where(self, role: Role) -> tuple[int, ...]:
        """The organisations in which `self` has at least `role`, if only for datasets of the token's site."""
        return tuple(sorted(key for key, held in self.roles.items() if held.reaches(role)))

    def may(self, role: Role, organisation_id: int | None, *, site: str | None = None) -> bool:
        """Whether `self` has at least `role` in an organisation, for work on a dataset of `site` if that is it."""
        held = self.roles.get(organisation_id or 0)
        return held is not None and held.reaches(role) and self._reaches(role, site)

    def need(self, role: Role) -> None:
        """Pass if the token reaches `role`.

        Raises:
            Forbidden: It does not.
        """
        if not self.cap.reaches(role):
            raise Forbidden(f"the token acts as {self.cap}, needed one that acts as {role}")

    def need_in(
        self, role: Role, organisation_id: int | None, what: str, *, site: str | None = None
    ) -> None:
        """Pass if `self` has at least `role` in an organisation, whose is `what`: a dataset of `site`, or its work.

        Raises:
            Forbidden: The organisation is not one of `self`, the role does not reach, or the token is
                limited to a site and this is no work on its datasets.
        """
        held = self.roles.get(organisation_id or 0)
        if held is None:
            raise Forbidden(f"{what} is somebody else's, needed a {role} of its organisation")
        if not held.reaches(role):
            raise Forbidden(f"you act as {held} for {what}, needed a {role} of its organisation")
        if not self._reaches(role, site):
            raise self._limited(f"for {what}")

    def need_unlimited(self) -> None:
        """Pass if the token is limited to no site, as is needed for what concerns its person.

        Raises:
            Forbidden: It is.
        """
        if self.site is not None:
            raise self._limited("for this")

    def need_admin(self) -> None:
        """Pass if an administrator asks.

        Raises:
            Forbidden: Somebody else does.
        """
        if not self.is_admin:
            raise Forbidden("this is an administrator's, needed an administrator's token")

    def need_fresh(self, *, second_factor: bool = False) -> None:
        """Pass if a person signed in at most 15 minutes ago, with a one-time code where one is asked for.

        It is asked for where `second_factor` says so, and of everybody who has a second factor.

        Raises:
            SignInNeeded: Too long ago, without the code, or never: an API token decides nothing.
        """
        if self.signed_in_at is None:
            found = "found an API token, or a provider's that does not say when you signed in"
            raise SignInNeeded(
                f"{found}; needed a person's own sign-in; sign in with your password",
                code=Code.STALE_SIGN_IN,
            )
        if abs(self.at - self.signed_in_at) > FRESH:
            found = "the sign-in is older than 15 minutes"
            raise SignInNeeded(
                f"{found}, needed a fresh one; sign in again", code=Code.STALE_SIGN_IN
            )
        if (second_factor or self.has_factor) and not self.second_factor:
            found = "found a sign-in without a one-time code"
            why = "as you have a second factor" if self.has_factor else "as the organisation asks"
            needed = f"needed one with it, {why}; sign in again with the code"
            raise SignInNeeded(f"{found}, {needed}", code=Code.SECOND_FACTOR)

    def _reaches(self, role: Role, site: str | None) -> bool:
        return self.site in {None, site} or Role.READER.reaches(role)

    def _limited(self, what: str) -> Forbidden:
        found = f"the token is limited to the datasets of site {self.site}"
        return Forbidden(f"{found}, needed one for no site {what}; sign in yourself")


def nobody(at: datetime, label: str) -> Principal:
    """The principal of what the registry does by itself, such as a deadline."""
    return Principal(
        user_id=NOBODY,
        home_id=NOBODY,
        email="",
        is_admin=False,
        cap=Role.READER,
        roles={},
        site=None,
        label=label,
        at=at,
    )


def new_secret() -> str:
    """A token's secret: 256 random bits, which is why a plain sha256 may keep it."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """What the database holds in place of a secret."""
    return sha256_bytes(secret.encode())


def bearer(header: str | None) -> str:
    """The secret of an Authorization header.

    Raises:
        SignInNeeded: There is no bearer token.
    """
    scheme, _, secret = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise SignInNeeded("found no token, needed 'Authorization: Bearer <token>'; sign in")
    return secret.strip()


def authenticate(session: Session, secret: str, now: datetime) -> Principal:
    """The principal of a token's secret.

    Raises:
        SignInNeeded: It is unknown, expired or revoked, or its owner's account is closed.
    """
    asked = session.connection().execute(BEARER, {"secret_sha256": hash_secret(secret)})
    found: Sequence[Any] = asked.all()
    if not found:
        raise SignInNeeded("the token is unknown, needed one of this registry; sign in again")
    token = found[0]
    if token.revoked_at is not None:
        raise SignInNeeded("the token was revoked, needed a live one; sign in again")
    if token.expires_at <= now:
        raise SignInNeeded("the token has expired, needed a live one; sign in again")
    memberships = {row.member_of: Role(row.member_role) for row in found if row.member_of}
    return principal_of(token, token, memberships, now)


def principal_of(
    user: UserRow, token: TokenRow, memberships: Mapping[int, Role], now: datetime
) -> Principal:
    """The principal of a user's own token.

    Raises:
        SignInNeeded: The user's account is closed.
    """
    if not user.is_valid:
        raise SignInNeeded("the account was closed, needed a live one; ask an administrator")
    cap, home = Role(token.role), user.organisation_id or NOBODY
    held = {**memberships, home: Role.MANAGER}
    return Principal(
        user_id=token.user_id,
        home_id=home,
        email=user.email,
        is_admin=user.is_admin and cap is Role.ADMINISTRATOR and token.site is None,
        cap=cap,
        roles={key: role if cap.reaches(role) else cap for key, role in held.items()},
        site=token.site,
        label=token.label,
        at=now,
        token_id=token.id,
        signed_in_at=token.signed_in_at,
        has_factor=user.totp_secret is not None,
        second_factor=token.second_factor,
    )


def memberships_of(session: Session, user_id: int) -> dict[int, Role]:
    """The roles of a user in the organisations that took them in."""
    found = session.exec(
        select(MemberRow.organisation_id, MemberRow.role)
        .join(OrganisationRow, col(MemberRow.organisation_id) == col(OrganisationRow.id))
        .where(MemberRow.user_id == user_id)
    )
    return {organisation: Role(role) for organisation, role in found}
