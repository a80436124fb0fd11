"""/users and /tokens."""

from fastapi import APIRouter

from registry_api.deps import Id, TheCall, TheWindow
from registry_api.services import people
from rounds.records.base import Page
from rounds.records.people import Token, TokenIn, User, UserIn

router = APIRouter(tags=["people"])


@router.post("/users", status_code=201)
def add(body: UserIn, call: TheCall) -> User:
    """A new person; administrators only."""
    with call.writing() as (session, who):
        return people.add(session, who, body)


@router.get("/users")
def list_users(call: TheCall, window: TheWindow) -> Page[User]:
    """Everyone; administrators only."""
    with call.reading() as (session, who):
        return people.list_users(session, who, window)


@router.get("/users/me")
def me(call: TheCall) -> User:
    """Whose token this is."""
    with call.reading() as (session, who):
        return people.as_user(people.find(session, who, who.user_id))


@router.post("/users/{user_id}/tokens", status_code=201)
def mint(user_id: Id, body: TokenIn, call: TheCall) -> Token:
    """A new token of oneself (or, for an administrator, of anybody), its secret shown this once."""
    with call.writing() as (session, who):
        return people.mint(session, who, user_id, body)


@router.delete("/tokens/{token_id}")
def revoke(token_id: Id, call: TheCall) -> Token:
    """The token, good for nothing from now on."""
    with call.writing() as (session, who):
        return people.revoke(session, who, token_id)
