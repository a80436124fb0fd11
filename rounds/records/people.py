"""People and their tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Name, Record


class Scope(StrEnum):
    """What a token may do. `DECIDE` is in no default: a worker's token never approves anything."""

    READ = "read"
    WRITE = "write"
    DECIDE = "decide"


class UserIn(Record):
    """A person to add; administrators only."""

    name: Name
    email: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class User(Record):
    """A person."""

    id: int
    name: str
    email: str
    is_admin: bool


class TokenIn(Record):
    """A token to mint for a user."""

    label: Name
    scopes: tuple[Scope, ...] = (Scope.READ, Scope.WRITE)
    site: str | None = None
    ttl_s: int = Field(default=30 * 24 * 3600, gt=0)


class Token(Record):
    """A token; `secret` is shown once, when it is minted."""

    id: int
    label: str
    scopes: tuple[Scope, ...]
    site: str | None
    expires_at: datetime
    secret: str | None = None
