"""/sign-in, /sign-out, and one's own password and second factor."""

from registry_api import front_desk
from registry_api.auth import bearer
from registry_api.deps import Id, TheCall, ThePost
from registry_api.routes import routes
from registry_api.services import people, sign_ins, tokens
from rounds.records.people import (
    Acceptance,
    CodeGiven,
    PasswordChange,
    SecondFactor,
    SignIn,
    Token,
    User,
)

router = routes("sign-in")


@router.post("/sign-in", status_code=201)
def sign_in(body: SignIn, call: TheCall) -> Token:
    """A session, its secret shown this once."""
    return front_desk.sign_in(call, body)


@router.post("/sign-in/invitation", status_code=201)
def accept(body: Acceptance, call: TheCall) -> Token:
    """A session of who was invited, with the password that they chose."""
    return front_desk.accept(call, body)


@router.post("/sign-out")
def sign_out(call: ThePost) -> Token:
    """The very token that asks, good for nothing from now on."""
    call.read(people.me)  # 401 to who is not signed in, before anything is said of the token
    return call.open(tokens.revoke_used, bearer(call.authorization))


@router.put("/users/me/password")
def change_password(body: PasswordChange, call: TheCall) -> Token:
    """A new session, the only one left, after the password was changed."""
    return front_desk.change_password(call, body)


@router.post("/users/me/second-factor", status_code=201)
def offer_second_factor(call: ThePost) -> SecondFactor:
    """A second factor to put into an authenticator, shown this once."""
    return call.write(sign_ins.offer_second_factor)


@router.put("/users/me/second-factor")
def confirm_second_factor(body: CodeGiven, call: TheCall) -> User:
    """The second factor, in force from now on; every session ends."""
    return call.write(sign_ins.confirm_second_factor, body.code)


@router.delete("/users/{user_id}/second-factor")
def drop_second_factor(user_id: Id, call: TheCall) -> User:
    """The person, without a second factor; administrators only."""
    return call.write(sign_ins.drop_second_factor, user_id)
