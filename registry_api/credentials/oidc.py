"""Sign-in by a provider: who somebody is, read from a JWT that the provider has signed."""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    InvalidSubjectError,
    InvalidTokenError,
    MissingRequiredClaimError,
    PyJWTError,
)

from registry_api.credentials import oidc_claims
from registry_api.credentials.oidc_claims import LONGEST_NAME, Claims
from registry_api.credentials.oidc_keys import ProviderKeys
from rounds.errors import SignInNeeded, SpecError

# RFC 7518, section 3.1, and RFC 8037: those that are checked with a public key. Never `none` or HMAC.
PUBLIC_KEY_ALGORITHMS: Final = frozenset(
    {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {"EdDSA"}
)
LONGEST_TOKEN: Final = 16 * 1024

_REFUSED: Final[tuple[tuple[type[PyJWTError], str], ...]] = (
    (InvalidSignatureError, "the token's signature does not match its key"),
    (InvalidAudienceError, "the token is for somebody else, needed one for this registry"),
    (InvalidIssuerError, "the token is of another issuer, needed the one that is trusted here"),
    (MissingRequiredClaimError, "the token lacks one of exp, iat, iss, aud and sub, needed all"),
    (InvalidSubjectError, "the token's sub is no text, needed who signed in"),
    (InvalidTokenError, "the token cannot be read, needed a signed JWT"),
    (PyJWTError, "the token's key is too weak or of another kind, needed one that fits"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """Which provider is trusted, and for what.

    Without `jwks_url` the keys' address is read from the issuer's discovery document. An `email_claim`
    that is an address itself, such as https://medperf.org/email, is one that the provider's own rules
    set; a plain one counts only if `email_verified` is true.

    Raises:
        SpecError: An address is not https (or http on this machine), the audience or the claim is not
            named, or an algorithm is none that is checked with a public key.
    """

    issuer: str
    audience: str
    jwks_url: str | None = None
    email_claim: str = "email"
    algorithms: tuple[str, ...] = ("RS256", "ES256")

    def __post_init__(self) -> None:
        if not all(_is_safe(url) for url in (self.issuer, self.jwks_url) if url is not None):
            raise SpecError("a sign-in provider's address is plain http or none, needed https")
        if not self.audience or not self.email_claim:
            raise SpecError("found no audience or no e-mail claim, needed both for a provider")
        if not self.algorithms or not PUBLIC_KEY_ALGORITHMS.issuperset(self.algorithms):
            allowed = ", ".join(sorted(PUBLIC_KEY_ALGORITHMS))
            raise SpecError(f"found an algorithm without a public key, needed some of {allowed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed in, as the provider tells it; `issuer` and `subject` together never name another person."""

    issuer: str
    subject: str
    email: str
    name: str
    signed_in_at: datetime | None
    with_second_factor: bool


class OidcVerifier:
    """Reads one provider's tokens, in any number of threads."""

    def __init__(
        self,
        settings: OidcSettings,
        *,
        ticks: Callable[[], float] = time.monotonic,
        timeout_s: float = 5.0,
    ) -> None:
        self._settings = settings
        self._keys = ProviderKeys(
            issuer=settings.issuer,
            jwks_url=settings.jwks_url,
            algorithms=settings.algorithms,
            ticks=ticks,
            timeout_s=timeout_s,
        )

    def verify(self, token: str, now: datetime) -> Identity:
        """The identity that a provider's token proves at `now`, give or take 30 s.

        Raises:
            SignInNeeded: The token is no JWT, is signed in another way or by a key that the provider does
                not show, was altered, has expired or is not good yet, is another issuer's or for
                somebody else, or holds no subject or no verified e-mail address.
            Unreachable: The provider's keys could not be read yet.
        """
        claims = self._signed_claims(token)
        oidc_claims.check_times(claims, now)
        email = oidc_claims.verified_email(claims, self._settings.email_claim)
        return Identity(
            issuer=self._settings.issuer,
            subject=oidc_claims.subject(claims),
            email=email,
            name=oidc_claims.display_name(claims) or email[:LONGEST_NAME],
            signed_in_at=oidc_claims.signed_in_at(claims, now),
            with_second_factor=oidc_claims.has_second_factor(claims),
        )

    def _signed_claims(self, token: str) -> Claims:
        key, algorithm = self._key(token)
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                options={
                    "require": ["exp", "iat", "iss", "aud", "sub"],
                    "enforce_minimum_key_length": True,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except PyJWTError as error:
            # `from None`: the library's own words may hold a claim.
            raise _refusal(error) from None

    def _key(self, token: str) -> tuple[PyJWK, str]:
        kid, algorithm = _header(token)
        if algorithm not in self._settings.algorithms:
            allowed = " or ".join(self._settings.algorithms)
            raise SignInNeeded(f"the token is not signed by {allowed}, needed that; sign in again")
        key = self._keys.find(kid, algorithm)
        if key is None:
            raise SignInNeeded(
                "the token's key is unknown, needed one that the provider shows; sign in again"
            )
        return key, algorithm


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refusal(error: PyJWTError) -> SignInNeeded:
    found = next(sentence for kind, sentence in _REFUSED if isinstance(error, kind))
    return SignInNeeded(f"{found}; sign in again")


def _header(token: str) -> tuple[str, str]:
    unreadable = SignInNeeded("found no signed JWT that names its key, needed one; sign in again")
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        raise unreadable
    try:
        header = jwt.get_unverified_header(token)
    except InvalidTokenError:
        raise unreadable from None
    kid, algorithm = header.get("kid"), header.get("alg")
    if not isinstance(kid, str) or not isinstance(algorithm, str):
        raise unreadable
    return kid, algorithm
