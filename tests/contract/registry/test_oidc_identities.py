"""A good token becomes somebody who can be named, reached and asked whether they used a second factor."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import JsonValue

from registry_api.credentials.oidc import Identity
from rounds.errors import SignInNeeded
from tests.contract.registry.oidc_issuer import Issuer, ec_key, serve_issuer
from tests.contract.registry.oidc_trust import Trusting, trust

NAMESPACED = "https://medperf.org/email"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer that signs with ES256, which is quick."""
    with serve_issuer() as serving:
        serving.rotate(ec_key())
        yield serving


@pytest.fixture(scope="module")
def trusting(issuer: Issuer) -> Trusting:
    """A verifier of the issuer's tokens."""
    return trust(issuer)


class TestIdentity:
    def test_is_what_the_token_says(self, trusting: Trusting, issuer: Issuer) -> None:
        """A good token becomes the issuer's name, its own name for the person, and how to call and reach them."""
        signed_in = issuer.now - timedelta(minutes=3)

        seen = trusting.sees(issuer.mint(auth_time=signed_in.timestamp(), amr=["pwd", "otp"]))

        assert seen == Identity(
            issuer=issuer.url,
            subject="auth0|ada",
            email="ada@hub.example",
            name="Ada",
            signed_in_at=signed_in,
            with_second_factor=True,
        )

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            (None, "ada@hub.example"),
            (["Ada"], "ada@hub.example"),
            (" \t\0\ud800\u202e ", "ada@hub.example"),
            (" Ada\0 Löwe\n", "Ada Löwe"),
            ("a" * 1000, "a" * 128),
        ],
    )
    def test_can_be_shown(self, trusting: Trusting, *, name: JsonValue, shown: str) -> None:
        """A name is cut to what can be printed and stored; without one the e-mail address stands for it."""
        assert trusting.sees(trusting.issuer.mint(name=name)).name == shown


class TestEmail:
    @pytest.mark.parametrize(
        "email",
        [
            None,
            "",
            "ada",
            "ada@hub",
            "a b@hub.example",
            7,
            "\ud800@hub.example",
            "a" * 251 + "@b.c",
        ],
    )
    def test_is_an_address(self, trusting: Trusting, email: JsonValue) -> None:
        """Without an address that can be stored nobody is signed in."""
        with pytest.raises(SignInNeeded, match="holds no e-mail address"):
            trusting.sees(trusting.issuer.mint(email=email))

    @pytest.mark.parametrize("verified", [None, False, "true", 1])
    def test_is_verified(self, trusting: Trusting, verified: JsonValue) -> None:
        """An address that the provider has not verified could be anybody's."""
        with pytest.raises(SignInNeeded, match="e-mail address is not verified"):
            trusting.sees(trusting.issuer.mint(email_verified=verified))

    def test_may_come_from_a_claim_of_the_provider_s_own(self, issuer: Issuer) -> None:
        """A claim named by an address is set by the provider's rules, and needs no other word."""
        trusting = trust(issuer, email_claim=NAMESPACED)
        token = issuer.mint(email=None, email_verified=None, **{NAMESPACED: "bo@hub.example"})

        assert trusting.sees(token).email == "bo@hub.example"

    def test_is_not_believed_against_the_provider_s_word(self, issuer: Issuer) -> None:
        """An address that the provider calls unverified is refused, whichever claim it is in."""
        trusting = trust(issuer, email_claim=NAMESPACED)
        token = issuer.mint(email_verified=False, **{NAMESPACED: "bo@hub.example"})

        with pytest.raises(SignInNeeded, match="e-mail address is not verified"):
            trusting.sees(token)


class TestSecondFactor:
    @pytest.mark.parametrize(
        ("amr", "found"),
        [
            (["mfa"], True),
            (["pwd", "otp"], True),
            (["hwk"], True),
            (["sc", "pin"], True),
            (["pwd"], False),
            (["pwd", "sms", "tel", "swk", "pin", "fpt", "face", "user", "kba"], False),
            ([], False),
            (None, False),
            ("mfa", False),
            ([["mfa"], {"mfa": 1}, None], False),
        ],
    )
    def test_is_read_from_the_methods(
        self, trusting: Trusting, *, amr: JsonValue, found: bool
    ) -> None:
        """Only a method that is a second factor by RFC 8176 counts as one, and only in a list."""
        assert trusting.sees(trusting.issuer.mint(amr=amr)).with_second_factor is found
