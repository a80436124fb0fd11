"""What a provider's token claims, once its signature is known to be good. Pure.

Every function here raises `SignInNeeded` for a claim that is not what its standard says, whatever it holds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from pydantic import TypeAdapter, ValidationError

from rounds.errors import SignInNeeded
from rounds.records.people import Email

Claims = Mapping[str, object]

# RFC 8176, section 2. Left out are what can be redirected (sms, tel), what can be copied (swk), and what
# only unlocks a device (pin, fpt, face, iris): a provider that trusts them says mfa beside them.
SECOND_FACTORS: Final = frozenset({"mfa", "otp", "hwk", "sc"})
LEEWAY_S: Final = 30
LONGEST_NAME: Final = 128
# OpenID Connect Core 1.0, section 2: a `sub` has at most 255 ASCII characters.
LONGEST_SUBJECT: Final = 255

_LAST_SECOND: Final = 253_402_300_799
_email: Final[TypeAdapter[str]] = TypeAdapter(Email)


def check_times(claims: Claims, now: datetime) -> None:
    """Pass if the token is good at `now`, give or take 30 s.

    Raises:
        SignInNeeded: It has expired, is not good yet, or names no time for one of exp, iat and nbf.
    """
    seconds = now.timestamp()
    if _moment(claims, "exp") <= seconds - LEEWAY_S:
        raise SignInNeeded("the token has expired, needed a live one; sign in again")
    begins = [_moment(claims, claim) for claim in ("iat", "nbf") if claim in claims]
    if max(begins, default=0) > seconds + LEEWAY_S:
        raise SignInNeeded("the token is not good yet, needed one that is; check the clocks")


def subject(claims: Claims) -> str:
    """The issuer's own name for who signed in.

    Raises:
        SignInNeeded: It is empty, too long, or not plain ASCII.
    """
    claimed = claims.get("sub")
    found = claimed if isinstance(claimed, str) else ""
    plain = found.isascii() and found.isprintable()
    if not plain or not 0 < len(found) <= LONGEST_SUBJECT:
        needed = f"1 to {LONGEST_SUBJECT} plain characters"
        raise SignInNeeded(f"the token's sub names nobody, needed {needed}; sign in again")
    return found


def verified_email(claims: Claims, claim: str) -> str:
    """The e-mail address in `claim`, as the provider spells it.

    Raises:
        SignInNeeded: There is none, or nobody has verified it: `email_verified` is not true. Without
            that word, a claim named by an address counts, since the provider's own rules set it.
    """
    try:
        email = _email.validate_python(claims.get(claim))
    except ValidationError:
        raise SignInNeeded("the token holds no e-mail address, needed one; sign in again") from None
    named_by_address = claim.startswith(("https://", "http://"))
    if claims.get("email_verified", named_by_address) is not True:
        raise SignInNeeded(
            "the token's e-mail address is not verified, needed one that the provider has verified"
        )
    return email


def display_name(claims: Claims) -> str:
    """What the person is called, without what cannot be printed; empty if the token does not say."""
    found = claims.get("name")
    letters = found if isinstance(found, str) else ""
    printable = "".join(letter for letter in letters if letter.isprintable())
    return printable.strip()[:LONGEST_NAME].strip()


def signed_in_at(claims: Claims, now: datetime) -> datetime | None:
    """When the person last showed who they are, never later than `now`; None if the token does not say.

    Raises:
        SignInNeeded: It is no time, or yet to come.
    """
    if claims.get("auth_time") is None:
        return None
    found = datetime.fromtimestamp(_moment(claims, "auth_time"), UTC)
    if (found - now).total_seconds() > LEEWAY_S:
        raise SignInNeeded("the token's auth_time is yet to come, needed a past one; sign in again")
    return min(found, now)


def has_second_factor(claims: Claims) -> bool:
    """Whether `amr` names a second factor."""
    methods = claims.get("amr")
    if not isinstance(methods, list):
        return False
    return any(isinstance(method, str) and method in SECOND_FACTORS for method in methods)


def _moment(claims: Claims, claim: str) -> float:
    found = claims.get(claim)
    # So written that NaN is refused, and a whole number of any length compared.
    if (
        isinstance(found, int | float)
        and not isinstance(found, bool)
        and 0 <= found <= _LAST_SECOND
    ):
        return found
    raise SignInNeeded(f"the token's {claim} is no time, needed seconds since 1970")
