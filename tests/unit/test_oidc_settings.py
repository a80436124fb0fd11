"""A provider is trusted over TLS, for a named audience, with keys that only it holds."""

import jwt.algorithms
import pytest

from registry_api.credentials.oidc import PUBLIC_KEY_ALGORITHMS, OidcSettings
from rounds.errors import SpecError


class TestSettings:
    @pytest.mark.parametrize(
        "algorithms", [(), ("none",), ("HS256",), ("RS256", "HS512"), ("rs256",)]
    )
    def test_take_public_key_algorithms_only(self, algorithms: tuple[str, ...]) -> None:
        """An algorithm with a shared secret, or none, cannot be configured."""
        with pytest.raises(SpecError, match="found an algorithm without a public key"):
            OidcSettings(issuer="https://id.example", audience="rounds", algorithms=algorithms)

    @pytest.mark.parametrize(
        "url",
        [
            "http://id.example",
            "ftp://id.example",
            "id.example",
            "",
            "https://",
            "http://[",
            "https://a:b",
        ],
    )
    def test_take_https_only(self, url: str) -> None:
        """Keys that travel in the clear could be anybody's."""
        with pytest.raises(SpecError, match="plain http or none, needed https"):
            OidcSettings(issuer=url, audience="rounds")
        with pytest.raises(SpecError, match="plain http or none, needed https"):
            OidcSettings(issuer="https://id.example", audience="rounds", jwks_url=url)

    @pytest.mark.parametrize("host", ["127.0.0.1:8443", "[::1]", "localhost:1"])
    def test_take_http_on_this_machine(self, host: str) -> None:
        """What never leaves the machine needs no TLS."""
        assert OidcSettings(issuer=f"http://{host}", audience="rounds").jwks_url is None

    @pytest.mark.parametrize(("audience", "email_claim"), [("", "email"), ("rounds", "")])
    def test_need_a_word_for_everything(self, audience: str, email_claim: str) -> None:
        """An audience or claim without a name would let anything in, or nobody."""
        with pytest.raises(SpecError, match="needed both for a provider"):
            OidcSettings(issuer="https://id.example", audience=audience, email_claim=email_claim)

    def test_know_what_the_library_knows(self) -> None:
        """Each algorithm that may be configured is one that is checked with a public key."""
        assert set(jwt.algorithms.requires_cryptography) >= PUBLIC_KEY_ALGORITHMS
