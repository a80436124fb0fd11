"""A verifier that trusts the tests' issuer, with ticks that the test counts."""

from dataclasses import dataclass

from registry_api.credentials.oidc import Identity, OidcSettings, OidcVerifier
from tests.contract.registry.oidc_issuer import AUDIENCE, Issuer


@dataclass
class Ticks:
    """Seconds that pass only when they are made to."""

    at: float = 1000.0

    def __call__(self) -> float:
        """What has passed so far."""
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += seconds


@dataclass(frozen=True)
class Trusting:
    """A verifier, the issuer that it trusts, and the ticks it goes by."""

    verifier: OidcVerifier
    issuer: Issuer
    ticks: Ticks

    def sees(self, token: str | None = None) -> Identity:
        """Who a token proves to be now; a good one of the issuer's unless another is given."""
        return self.verifier.verify(self.issuer.mint() if token is None else token, self.issuer.now)


def trust(
    issuer: Issuer,
    *,
    jwks_url: str | None = None,
    email_claim: str = "email",
    algorithms: tuple[str, ...] = ("RS256", "ES256"),
    timeout_s: float = 5.0,
) -> Trusting:
    """A new verifier that trusts `issuer` and has not asked it anything."""
    settings = OidcSettings(
        issuer=issuer.url,
        audience=AUDIENCE,
        jwks_url=jwks_url,
        email_claim=email_claim,
        algorithms=algorithms,
    )
    ticks = Ticks()
    verifier = OidcVerifier(settings, ticks=ticks, timeout_s=timeout_s)
    return Trusting(verifier, issuer, ticks)
