"""The sign-in of whoever is at the terminal: kept in the token's file, made anew where a decision asks for it."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import typer

from cli.prompts import secret
from cli.settings import PATIENCE_S, registry_url, signed_in, token_file, typed
from rounds.errors import Code, SignInNeeded, SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rounds.client.registry import RegistryClient
    from rounds.records.people import Token

T = TypeVar("T")
FRESH: Final = timedelta(minutes=15)
ASKS_AGAIN: Final = (Code.STALE_SIGN_IN, Code.SECOND_FACTOR)


def visit() -> "RegistryClient":
    """The registry, signed in if there is a token, and else as somebody who only looks."""
    try:
        has_token = token_file().exists()
    except SpecError:
        has_token = False
    return signed_in() if has_token else door()


def door() -> "RegistryClient":
    """The registry for somebody who has no token yet."""
    from rounds.client.registry import RegistryClient

    return RegistryClient(registry_url(), "", patience_s=PATIENCE_S.get())


def sign_in(email: str, *, password_file: Path | None = None, code: str | None = None) -> "Token":
    """A new session of whoever has the e-mail, kept; asks for the password, and for a code where it takes one.

    Raises:
        SignInNeeded: The password or the code is wrong, or a code is needed and there is no terminal.
        SpecError: There is neither a terminal nor a file with the password.
    """
    from rounds.records.people import SignIn

    password = secret("Password", file=password_file)
    with door() as registry:
        try:
            session = registry.sign_in(typed(SignIn, email=email, password=password, code=code))
        except SignInNeeded as refusal:
            if refusal.code is not Code.SECOND_FACTOR or not sys.stdin.isatty():
                raise
            code = secret("One-time code")
            session = registry.sign_in(typed(SignIn, email=email, password=password, code=code))
    keep(session)
    return session


def freshly(act: "Callable[[RegistryClient], T]") -> T:
    """What `act` answers; where the registry asks for a fresh sign-in, at a terminal it is made there and then.

    Raises:
        SignInNeeded: There is no terminal, or a sign-in here would not help.
    """
    with signed_in() as registry:
        try:
            return act(registry)
        except SignInNeeded as refusal:
            if refusal.code not in ASKS_AGAIN or not sys.stdin.isatty():
                raise
            email = _email_that_helps(registry, refusal)
            typer.echo(f"{refusal.summary} ({email})", err=True)
    sign_in(email)
    with signed_in() as registry:
        return act(registry)


def keep(session: "Token") -> None:
    """Write a session into the token's file, and beside it when it was made."""
    from rounds.secret_files import write_secret

    write_secret(token_file(), session.secret or "")
    note = f"{_fingerprint(session.secret or '')} {datetime.now(UTC).isoformat()}"
    write_secret(_note_file(), note)


def keep_provided(token: str) -> None:
    """Write a provider's token into the token's file."""
    from rounds.secret_files import write_secret

    write_secret(token_file(), token)


def forget() -> None:
    """Remove the token and what is known of it."""
    token_file().unlink(missing_ok=True)
    _note_file().unlink(missing_ok=True)


def fresh_until() -> datetime | None:
    """Until when the kept session decides without a new sign-in; None if a sign-in here did not make it."""
    from rounds.secret_files import read_secret

    if not _note_file().exists():
        return None
    fingerprint, _, at = read_secret(_note_file()).partition(" ")
    if fingerprint != _fingerprint(read_secret(token_file())):
        return None
    return datetime.fromisoformat(at) + FRESH


def _email_that_helps(registry: "RegistryClient", refusal: SignInNeeded) -> str:
    person = registry.me()
    if not person.has_password:
        message = "found an account without a password, needed a fresh sign-in at your provider"
        raise SignInNeeded(
            f"{message}; then rounds sign-in --provider-token FILE", code=Code.SIGN_IN
        )
    if refusal.code is Code.SECOND_FACTOR and not person.has_second_factor:
        message = "found no second factor, needed one, as the organisation asks"
        raise SignInNeeded(f"{message}; run rounds second-factor offer", code=refusal.code)
    return person.email


def _note_file() -> Path:
    file = token_file()
    return file.with_name(f"{file.name}.signed-in")


def _fingerprint(secret_text: str) -> str:
    from rounds.digests import sha256_bytes

    return sha256_bytes(secret_text.encode())
