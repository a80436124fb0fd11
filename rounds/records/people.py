"""People, the organisations they act for, and how they sign in."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Flag, Name, Record, Revised, ShownOnce

Email = Annotated[
    str, Field(pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$", max_length=254)
]
Site = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Password = Annotated[str, Field(min_length=1, max_length=256)]
OneTimeCode = Annotated[str, Field(min_length=1, max_length=20)]
LONGEST_TTL_S = 400 * 24 * 3600


class Role(StrEnum):
    """What somebody may do, each including those before it.

    A membership gives a role in one organisation, a token caps it everywhere. READER reads, MEMBER
    registers and works, DECIDER decides approvals, MANAGER appoints members. ADMINISTRATOR is no
    membership: it is the cap of a token with which an administrator of the registry acts as one.
    """

    READER = "reader"
    MEMBER = "member"
    DECIDER = "decider"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"

    def reaches(self, needed: "Role") -> bool:
        """Whether this role includes `needed`."""
        return LADDER.index(self) >= LADDER.index(needed)


LADDER = tuple(Role)


class UserIn(Record):
    """A person to add; administrators only."""

    name: Name
    email: Email


class User(Revised):
    """A person; `organisation_id` is their organisation of one, to which what they register belongs by default."""

    id: int
    name: str
    email: str
    is_admin: bool
    organisation_id: int
    has_password: bool
    has_second_factor: bool


class UserChange(Record):
    """What changes of a person; `is_valid` and `is_admin` are an administrator's to change."""

    name: Name | None = None
    is_valid: Flag | None = None
    is_admin: Flag | None = None


class OrganisationIn(Record):
    """An organisation to found; with `second_factor` its decisions take a one-time code at sign-in."""

    name: Name
    second_factor: Flag = False


class Organisation(OrganisationIn, Revised):
    """An organisation; `is_personal` marks a person's own organisation of one."""

    id: int
    is_personal: bool


class OrganisationChange(Record):
    """What changes of an organisation."""

    name: Name | None = None
    second_factor: Flag | None = None
    is_valid: Flag | None = None


class MemberIn(Record):
    """Somebody to take in, by e-mail: whether an account has it is told to nobody."""

    email: Email
    role: Annotated[Role, Field(description="reader, member, decider or manager")] = Role.MEMBER


class Member(Record):
    """A member; `user_id` is set once the person has accepted."""

    id: int
    organisation_id: int
    email: str
    role: Role
    user_id: int | None


class TokenIn(Record):
    """A token to mint for oneself: capped by `role`, limited to a site's datasets if `site` names one."""

    label: Name
    role: Role = Role.MEMBER
    site: Site | None = None
    ttl_s: int = Field(default=30 * 24 * 3600, gt=0, le=LONGEST_TTL_S, strict=True)


class TokenKind(StrEnum):
    """API tokens are minted for programs, sessions come of a sign-in, invitations lead to the first one."""

    API = "api"
    SESSION = "session"
    INVITATION = "invitation"


class Token(ShownOnce):
    """A token; `secret` is shown once, when it is minted."""

    id: int
    user_id: int
    kind: TokenKind
    label: str
    role: Role
    site: str | None
    expires_at: datetime
    revoked_at: datetime | None = None
    secret: str | None = None


class SignIn(Record):
    """A local sign-in; `code` is the one-time code of the second factor, if there is one."""

    email: Email
    password: Password
    code: OneTimeCode | None = None


class Acceptance(Record):
    """An invitation's secret, and the password chosen with it."""

    secret: Annotated[str, Field(max_length=200)]
    password: Password


class PasswordChange(Record):
    """A new password, with the one in force."""

    old: Password
    new: Password


class SecondFactor(ShownOnce):
    """A new second factor, in force once a code of it was given back. Shown once."""

    secret: str
    uri: str


class CodeGiven(Record):
    """A one-time code of the second factor."""

    code: OneTimeCode
