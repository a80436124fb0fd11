"""What a signed token claims is read strictly: whose it is, for whom, and until when."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from rounds.errors import SignInNeeded
from tests.contract.registry.oidc_issuer import AUDIENCE, Issuer, ec_key, serve_issuer
from tests.contract.registry.oidc_trust import Trusting, trust

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)
CLAIMS = ["iss", "aud", "sub", "email", "email_verified", "name", "iat", "exp", "nbf", "auth_time"]


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


class TestTrust:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"iss": "https://elsewhere.example"}, "of another issuer"),
            ({"iss": ["https://elsewhere.example"]}, "of another issuer"),
            ({"iss": None}, "lacks one of"),
            ({"aud": "another-service"}, "for somebody else"),
            ({"aud": ["another-service", "and-another"]}, "for somebody else"),
            ({"aud": {AUDIENCE: 1}}, "for somebody else"),
            ({"aud": None}, "lacks one of"),
            ({"aud": []}, "lacks one of"),
            ({"sub": None}, "lacks one of"),
            ({"sub": 7}, "sub is no text"),
            ({"sub": ""}, "sub names nobody"),
            ({"sub": "a" * 256}, "sub names nobody"),
            ({"sub": "nul\0nul"}, "sub names nobody"),
            ({"sub": "\u0430da"}, "sub names nobody"),
            ({"exp": None}, "lacks one of"),
            ({"iat": None}, "lacks one of"),
            ({"jti": 7}, "cannot be read"),
        ],
    )
    def test_ends_where_the_settings_end(
        self, trusting: Trusting, *, changes: dict[str, JsonValue], said: str
    ) -> None:
        """A token of another issuer, for another audience or about nobody is refused, and why is told."""
        with pytest.raises(SignInNeeded, match=said):
            trusting.sees(trusting.issuer.mint(**changes))

    def test_takes_one_audience_of_several(self, trusting: Trusting) -> None:
        """A token for several services is good if this registry is among them."""
        token = trusting.issuer.mint(aud=["another-service", AUDIENCE])

        assert trusting.sees(token).subject == "auth0|ada"

    @given(payload=ANY_JSON)
    def test_needs_claims(self, trusting: Trusting, payload: JsonValue) -> None:
        """A payload that is signed and holds no claims is refused, whatever it is."""
        with pytest.raises(SignInNeeded, match=r"the token (cannot be read|lacks one of)"):
            trusting.sees(trusting.issuer.keys[0].sign(payload))

    @given(changes=st.dictionaries(st.sampled_from([*CLAIMS, "amr", "jti"]), ANY_JSON, min_size=1))
    @settings(max_examples=300)
    def test_survives_anything(self, trusting: Trusting, changes: dict[str, JsonValue]) -> None:
        """A signed token whose claims hold anything is an identity that can be stored, or a sign-in needed."""
        token = trusting.issuer.keys[0].sign(trusting.issuer.claims() | changes)

        try:
            seen = trusting.sees(token)
        except SignInNeeded:
            return

        assert all(text.encode() for text in (seen.subject, seen.email, seen.name))
        assert seen.signed_in_at is None or seen.signed_in_at <= trusting.issuer.now


class TestTimes:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"exp": -30}, "has expired"),
            ({"nbf": 31}, "not good yet"),
            ({"iat": 31}, "not good yet"),
            ({"auth_time": 31}, "auth_time is yet to come"),
        ],
    )
    def test_outside_half_a_minute_are_refused(
        self, trusting: Trusting, *, changes: dict[str, int], said: str
    ) -> None:
        """What has ended, or has not begun, by more than thirty seconds is refused."""
        now = int(trusting.issuer.now.timestamp())
        moments: dict[str, JsonValue] = {claim: now + by for claim, by in changes.items()}

        with pytest.raises(SignInNeeded, match=said):
            trusting.sees(trusting.issuer.mint(**moments))

    @pytest.mark.parametrize("changes", [{"exp": -29}, {"nbf": 30}, {"iat": 30}, {"exp": 0.5}])
    def test_within_half_a_minute_are_good(
        self, trusting: Trusting, changes: dict[str, float]
    ) -> None:
        """Clocks may differ by thirty seconds."""
        now = int(trusting.issuer.now.timestamp())
        moments: dict[str, JsonValue] = {claim: now + by for claim, by in changes.items()}

        assert trusting.sees(trusting.issuer.mint(**moments)).subject == "auth0|ada"

    @pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "auth_time"])
    @pytest.mark.parametrize("value", ["1772366400", True, [], -1, 10**12, float("nan"), 10**400])
    def test_are_numbers(self, trusting: Trusting, *, claim: str, value: JsonValue) -> None:
        """What is no moment since 1970, or lies beyond the calendar, is refused."""
        with pytest.raises(SignInNeeded, match=f"{claim} is no time|cannot be read"):
            trusting.sees(trusting.issuer.mint(**{claim: value}))

    def test_are_the_caller_s(self, trusting: Trusting) -> None:
        """The moment that is asked about counts, not the clock of this machine."""
        years = [datetime.fromtimestamp(time.time(), UTC).year + by for by in (-20, 0, 20)]
        moments = [datetime(year, 1, 1, tzinfo=UTC) for year in years]

        seen = [
            trusting.verifier.verify(
                trusting.issuer.mint(iat=at.timestamp(), exp=at.timestamp() + 1), at
            ).subject
            for at in moments
        ]

        assert seen == ["auth0|ada"] * 3

    def test_of_signing_in_are_never_ahead(self, trusting: Trusting, issuer: Issuer) -> None:
        """A sign-in that another clock puts a little ahead is one of this moment; without a claim there is none."""
        ahead = issuer.now.timestamp() + 20

        seen = [trusting.sees(issuer.mint(auth_time=at)).signed_in_at for at in (ahead, None)]

        assert seen == [issuer.now, None]
