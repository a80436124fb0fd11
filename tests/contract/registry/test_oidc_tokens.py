"""Only a token that the trusted issuer signed opens anything, and whatever else is sent is refused in words."""

import dataclasses
import hashlib
import hmac
import json
import traceback
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from rounds.errors import SignInNeeded
from tests.contract.registry.oidc_issuer import (
    Issuer,
    SigningKey,
    ec_key,
    forge,
    rsa_key,
    serve_issuer,
)
from tests.contract.registry.oidc_trust import Trusting, trust

MARK = "a-word-that-only-the-token-holds"
UNREADABLE = "found no signed JWT that names its key"


@pytest.fixture(scope="module")
def trusting() -> Iterator[Trusting]:
    """A verifier and its issuer, with one key of each kind; tests here leave them as they are."""
    with serve_issuer() as issuer:
        issuer.rotate(ec_key())
        yield trust(issuer)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer of a test's own."""
    with serve_issuer() as serving:
        yield serving


def pem(key: SigningKey) -> bytes:
    """The public half as everybody can write it down."""
    return key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def as_document(key: SigningKey) -> bytes:
    """The public half as the issuer shows it."""
    return json.dumps(key.jwk()).encode()


class TestSignature:
    @pytest.mark.parametrize("make_key", [rsa_key, ec_key])
    def test_of_either_kind_is_good(
        self, issuer: Issuer, make_key: Callable[[], SigningKey]
    ) -> None:
        """RS256 and ES256 are taken, each with its own kind of key."""
        issuer.rotate(make_key())

        assert trust(issuer).sees().subject == "auth0|ada"

    def test_is_over_the_claims(self, trusting: Trusting) -> None:
        """A claim that was changed after signing breaks the signature."""
        head, _, signature = trusting.issuer.mint().split(".")
        other = trusting.issuer.mint(email="eve@hub.example").split(".")[1]

        with pytest.raises(SignInNeeded, match="signature does not match its key"):
            trusting.sees(f"{head}.{other}.{signature}")

    def test_by_another_key_is_bad(self, trusting: Trusting) -> None:
        """A key that borrows the name of a known one signs nothing."""
        borrowed = dataclasses.replace(ec_key(), kid=trusting.issuer.keys[0].kid)

        with pytest.raises(SignInNeeded, match="signature does not match its key"):
            trusting.sees(borrowed.sign(trusting.issuer.claims()))

    @pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512", "PS256", "ES384", ""])
    def test_by_another_algorithm_is_refused(self, trusting: Trusting, algorithm: str) -> None:
        """Only the algorithms of the settings are looked at, and never `none`."""
        header: JsonValue = {"alg": algorithm, "kid": trusting.issuer.keys[0].kid}

        token = forge(header, trusting.issuer.claims(), lambda _: b"")

        with pytest.raises(SignInNeeded, match="not signed by RS256 or ES256"):
            trusting.sees(token)

    @pytest.mark.parametrize("secret", [pem, as_document])
    @pytest.mark.parametrize(
        ("algorithm", "said"), [("HS256", "not signed by RS256"), ("RS256", "does not match")]
    )
    def test_with_a_public_key_as_secret_is_refused(
        self,
        trusting: Trusting,
        *,
        secret: Callable[[SigningKey], bytes],
        algorithm: str,
        said: str,
    ) -> None:
        """The public key is no shared secret, whatever the token calls its algorithm."""
        key = next(key for key in trusting.issuer.keys if key.algorithm == "RS256")

        token = forge(
            {"alg": algorithm, "kid": key.kid},
            trusting.issuer.claims(),
            lambda signed: hmac.digest(secret(key), signed, hashlib.sha256),
        )

        with pytest.raises(SignInNeeded, match=said):
            trusting.sees(token)

    def test_by_a_key_of_another_kind_is_refused(self, trusting: Trusting) -> None:
        """A key is good for its own algorithm only."""
        header: JsonValue = {"alg": "RS256", "kid": trusting.issuer.keys[0].kid}

        token = forge(header, trusting.issuer.claims(), lambda _: b"x" * 256)

        with pytest.raises(SignInNeeded, match="the token's key is unknown"):
            trusting.sees(token)

    def test_by_a_weak_key_is_refused(self, issuer: Issuer) -> None:
        """An RSA key of fewer than 2048 bits proves nothing, though the issuer shows it."""
        issuer.rotate(rsa_key(1024))

        with pytest.raises(SignInNeeded, match="key is too weak"):
            trust(issuer).sees()


class TestMalformed:
    @pytest.mark.parametrize(
        "token",
        [
            "",
            "rnd_plain",
            "a.b",
            "..",
            "e30.e30.e30",
            "é.é.é",
            "\ud800.\ud800.\ud800",
            "." * 10_000_000,
            forge({"alg": "RS256"}, {}, lambda _: b""),
            forge({"alg": "RS256", "kid": 7}, {}, lambda _: b""),
            forge({"alg": ["RS256"], "kid": "x"}, {}, lambda _: b""),
            forge({"alg": "RS256", "kid": "x", "crit": ["exp"]}, {}, lambda _: b""),
            forge([[]], {}, lambda _: b""),
        ],
        ids=range(13),
    )
    def test_is_told_as_that(self, trusting: Trusting, token: str) -> None:
        """What is no JWT, or names no key, is refused before a key is looked for."""
        with pytest.raises(SignInNeeded, match=UNREADABLE):
            trusting.sees(token)

    def test_or_too_long_is_one_answer(self, trusting: Trusting) -> None:
        """A token of more than 16 KiB is not read, however well it is signed."""
        with pytest.raises(SignInNeeded, match=UNREADABLE):
            trusting.sees(trusting.issuer.mint(filler="x" * 16 * 1024))

    def test_asks_nobody(self, issuer: Issuer) -> None:
        """What cannot be read or is signed in another way does not have the issuer asked."""
        trusting = trust(issuer)
        tokens = ["rubbish", forge({"alg": "none", "kid": "x"}, issuer.claims(), lambda _: b"")]

        for token in tokens:
            with pytest.raises(SignInNeeded, match=r"found no signed JWT|not signed by"):
                trusting.sees(token)

        assert issuer.asked == []

    @given(
        st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True)
    )
    def test_raises_nothing_else(self, trusting: Trusting, token: str) -> None:
        """Whatever text is sent, the answer is that a sign-in is needed."""
        with pytest.raises(SignInNeeded, match=UNREADABLE):
            trusting.sees(token or "x")


class TestMessages:
    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": MARK},
            {"aud": MARK},
            {"aud": [MARK, 7]},
            {"sub": MARK * 50},
            {"exp": MARK},
            {"nbf": MARK},
            {"email": MARK},
            {"auth_time": MARK},
            {"jti": [MARK]},
        ],
    )
    def test_repeat_nothing_of_the_token(
        self, trusting: Trusting, changes: dict[str, JsonValue]
    ) -> None:
        """Neither the message nor what a log would print of its causes holds a claim."""
        with pytest.raises(SignInNeeded, match="the token") as refused:
            trusting.sees(trusting.issuer.mint(**changes))

        printed = "".join(traceback.format_exception(refused.value))
        assert MARK not in printed + refused.value.detail
        assert refused.value.__cause__ is None
