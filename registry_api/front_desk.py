"""Where somebody without a token comes in. Passwords are checked between transactions, never inside one."""

from registry_api.credentials import passwords
from registry_api.deps import Call
from registry_api.services import sign_ins
from rounds.errors import Code, SignInNeeded
from rounds.records.people import Acceptance, PasswordChange, SignIn, Token


def sign_in(call: Call, given: SignIn) -> Token:
    """A session for an e-mail and a password, and for a one-time code where there is a second factor.

    Raises:
        SignInNeeded: Something of it is wrong, which is not said; or there were too many tries.
    """
    account = call.open(sign_ins.begin, email=given.email)
    if account.wait_s > 0:
        message = f"too many failed tries, needed a pause of {account.wait_s:.0f} s"
        raise SignInNeeded(message, code=Code.TOO_MANY_TRIES)
    if not passwords.check_password(account.password_hash, given.password):
        raise SignInNeeded(sign_ins.WRONG)
    return call.open(
        sign_ins.succeed,
        email=given.email,
        password_hash=account.password_hash,
        code=given.code,
    )


def accept(call: Call, given: Acceptance) -> Token:
    """A session for an invitation, and the password that was chosen with it.

    A guessed invitation is found out before a hash is made, which is dear.

    Raises:
        InvalidInput: The password is too weak.
        SignInNeeded: The invitation is unknown, used or expired.
    """
    call.glance(sign_ins.look_up, secret=given.secret)
    passwords.check_strength(given.password)
    hashed = passwords.hash_password(given.password)
    return call.open(sign_ins.accept, secret=given.secret, password_hash=hashed)


def change_password(call: Call, given: PasswordChange) -> Token:
    """A new session, the only one left, after one's own password was changed.

    Raises:
        InvalidInput: The new password is too weak.
        SignInNeeded: The old one is wrong.
    """
    passwords.check_strength(given.new)
    stored = call.read(sign_ins.password_of)
    if not passwords.check_password(stored, given.old):
        raise SignInNeeded("the old password is wrong, needed the one in force")
    return call.write(sign_ins.change_password, passwords.hash_password(given.new))
