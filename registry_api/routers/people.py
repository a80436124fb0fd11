"""/users and /tokens."""

from typing import Annotated

from fastapi import Query
from pydantic import StringConstraints

from registry_api.deps import Id, IdFilter, NameFilter, TheCall, ThePost, TheRevision
from registry_api.routes import routes
from registry_api.services import people, tokens
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.people import Token, TokenIn, TokenKind, User, UserChange, UserIn

router = routes("people")
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[^\x00]*$", to_lower=True)]


@router.post("/users", status_code=201)
def add(body: UserIn, call: ThePost) -> User:
    """A new person; administrators only."""
    return call.write(people.add, body)


class UserQuery(ListQuery):
    """Which people are wanted."""

    email: Email | None = None
    is_valid: bool | None = None


@router.get("/users")
def list_users(call: TheCall, query: Annotated[UserQuery, Query()]) -> Page[User]:
    """The people that one may know of: oneself, and who is in an organisation with oneself."""
    return call.read(people.list_users, query, wanted=query.columns())


@router.get("/users/me")
def me(call: TheCall) -> User:
    """Whose token this is."""
    return call.read(people.me)


@router.get("/users/{user_id}")
def read(user_id: Id, call: TheCall) -> User:
    """One person."""
    return call.read(people.read, user_id)


@router.patch("/users/{user_id}")
def change(user_id: Id, body: UserChange, call: TheCall, revision: TheRevision) -> User:
    """The person, changed."""
    return call.write(people.change, user_id, body, revision=revision)


@router.post("/users/{user_id}/invitation", status_code=201)
def invite(user_id: Id, call: ThePost) -> Token:
    """A secret with which a person sets a password; administrators only. Shown this once."""
    return call.write(tokens.invite, user_id)


@router.post("/users/{user_id}/tokens", status_code=201)
def mint(user_id: Id, body: TokenIn, call: ThePost) -> Token:
    """A new token of one's own, its secret shown this once."""
    return call.write(tokens.mint, user_id, body)


class TokenQuery(ListQuery):
    """Which tokens are wanted."""

    user_id: IdFilter = None
    kind: TokenKind | None = None
    is_valid: bool | None = None
    label: NameFilter = None


@router.get("/tokens")
def list_tokens(call: TheCall, query: Annotated[TokenQuery, Query()]) -> Page[Token]:
    """One's own tokens (an administrator sees everybody's), without their secrets."""
    return call.read(tokens.list_tokens, query, wanted=query.columns())


@router.delete("/tokens/{token_id}")
def revoke(token_id: Id, call: TheCall) -> Token:
    """The token, good for nothing from now on."""
    return call.write(tokens.revoke, token_id)
