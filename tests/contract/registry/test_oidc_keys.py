"""A provider's keys are kept while they are good, and given up when the provider gives them up."""

import dataclasses
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm
from pydantic import JsonValue

from rounds.errors import SignInNeeded, Unreachable
from tests.contract.registry.oidc_issuer import (
    DISCOVERY,
    JWKS,
    Answer,
    Issuer,
    SigningKey,
    as_json,
    ec_key,
    rsa_key,
    serve_issuer,
)
from tests.contract.registry.oidc_trust import trust


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that serves."""
    with serve_issuer() as serving:
        yield serving


class TestShownKeys:
    @pytest.mark.parametrize(
        "changes",
        [
            {"use": "enc"},
            {"kid": None},
            {"kid": 7},
            {"alg": "RS384"},
            {"kty": "oct", "k": "AQAB"},
            {"kty": None},
            {"n": "AA", "e": 3},
            {"n": "é"},
        ],
    )
    def test_that_are_not_for_this_are_left_out(
        self, issuer: Issuer, changes: dict[str, JsonValue]
    ) -> None:
        """A key that is nameless, private, broken or for something else signs nothing and spoils no other."""
        good, other = issuer.keys[0], issuer.rotate(rsa_key())
        issuer.instead[JWKS] = as_json({"keys": [other.jwk(**changes), good.jwk()]})
        trusting = trust(issuer)

        with pytest.raises(SignInNeeded, match="the token's key is unknown"):
            trusting.sees()

        assert trusting.sees(good.sign(issuer.claims())).email == "ada@hub.example"

    def test_that_are_private_are_left_out(self, issuer: Issuer) -> None:
        """A key that the issuer shows whole is everybody's, and signs nothing any more."""
        leaked = issuer.rotate(rsa_key())
        assert isinstance(leaked.private, RSAPrivateKey)
        whole = RSAAlgorithm.to_jwk(leaked.private, as_dict=True)
        issuer.instead[JWKS] = as_json({"keys": [leaked.jwk(**(whole | {"key_ops": None}))]})

        with pytest.raises(SignInNeeded, match="the token's key is unknown"):
            trust(issuer).sees()

    def test_may_leave_out_what_they_are_for(self, issuer: Issuer) -> None:
        """A key without `use` and `alg` is taken for each algorithm that fits it."""
        key = issuer.keys[0]
        issuer.instead[JWKS] = as_json({"keys": [key.jwk(use=None, alg=None)]})
        trusting = trust(issuer, algorithms=("RS256", "RS512", "ES256"))
        signers = [key, dataclasses.replace(key, algorithm="RS512")]

        seen = [trusting.sees(signer.sign(issuer.claims())).email for signer in signers]

        assert seen == ["ada@hub.example"] * 2


class TestRotation:
    @pytest.mark.parametrize("make_key", [rsa_key, ec_key])
    def test_is_followed(self, issuer: Issuer, make_key: Callable[[], SigningKey]) -> None:
        """A token that names a key not seen before has the keys fetched again."""
        trusting = trust(issuer)
        trusting.sees()
        issuer.rotate(make_key())
        trusting.ticks.advance(30)

        seen = trusting.sees()

        assert (seen.email, issuer.jwks_fetches) == ("ada@hub.example", 2)

    def test_leaves_the_older_keys_good(self, issuer: Issuer) -> None:
        """While the issuer shows a key, its tokens are good."""
        trusting, old = trust(issuer), issuer.mint()
        issuer.rotate()

        seen = [trusting.sees(token).email for token in (old, issuer.mint())]

        assert seen == ["ada@hub.example"] * 2

    def test_is_looked_for_no_more_than_every_thirty_seconds(self, issuer: Issuer) -> None:
        """Tokens with made-up key names do not make the registry ask the issuer again and again."""
        trusting, made_up = trust(issuer), ec_key().sign(issuer.claims())
        trusting.sees()

        for _ in range(59):
            trusting.ticks.advance(1)
            with pytest.raises(SignInNeeded, match="the token's key is unknown"):
                trusting.sees(made_up)

        assert issuer.jwks_fetches == 2

    def test_keeps_nobody_else_waiting(self, issuer: Issuer) -> None:
        """While one thread asks for a new key, tokens of the known ones are still checked."""
        trusting, known = trust(issuer, timeout_s=60), issuer.mint()
        trusting.sees()
        new = issuer.rotate().sign(issuer.claims())
        trusting.ticks.advance(30)
        issuer.arrived.clear()
        issuer.gate.clear()

        with ThreadPoolExecutor(2) as pool:
            asking = pool.submit(trusting.sees, new)
            assert issuer.arrived.wait(20)
            done, waiting = wait([pool.submit(trusting.sees, known), asking], 10, FIRST_COMPLETED)
            issuer.gate.set()

        assert [seen.result().email for seen in (*done, *waiting)] == ["ada@hub.example"] * 2
        assert waiting == {asking}


class TestRetirement:
    def test_is_followed_within_ten_minutes(self, issuer: Issuer) -> None:
        """A key that the issuer shows no more is good for ten minutes at most."""
        trusting, old = trust(issuer), issuer.mint()
        trusting.sees(old)
        issuer.rotate()
        issuer.retire()
        trusting.ticks.advance(599)
        trusting.sees(old)
        trusting.ticks.advance(1)

        with pytest.raises(SignInNeeded, match="the token's key is unknown"):
            trusting.sees(old)

    def test_of_every_key_is_no_absence(self, issuer: Issuer) -> None:
        """An issuer that shows an empty set has given up all its keys; it is not away."""
        trusting, old = trust(issuer), issuer.mint()
        trusting.sees(old)
        issuer.keys.clear()
        trusting.ticks.advance(600)

        with pytest.raises(SignInNeeded, match="the token's key is unknown"):
            trusting.sees(old)


class TestAbsence:
    def test_leaves_the_known_keys_good(self, issuer: Issuer) -> None:
        """While the issuer cannot be asked, the keys in hand go on, and it is asked every thirty seconds."""
        trusting = trust(issuer)
        trusting.sees()
        issuer.instead[DISCOVERY] = Answer(status=503)
        trusting.ticks.advance(600)

        for _ in range(60):
            trusting.sees()
            trusting.ticks.advance(1)

        assert issuer.asked.count(DISCOVERY) == 1 + 2

    def test_survives_a_closed_port(self) -> None:
        """An issuer whose machine is gone is away like one that answers badly."""
        with serve_issuer() as issuer:
            trusting = trust(issuer)
            trusting.sees()
        trusting.ticks.advance(600)

        assert trusting.sees().email == "ada@hub.example"

    def test_is_told_without_keys(self) -> None:
        """Without any keys no token can be judged: that is no fault of who signs in."""
        with serve_issuer() as issuer:
            trusting = trust(issuer)

        with pytest.raises(Unreachable, match=r"no answer \(ConnectError\), needed its keys"):
            trusting.sees()

    def test_ends(self, issuer: Issuer) -> None:
        """Once the issuer is back its keys are read, thirty seconds after the last try at the latest."""
        trusting = trust(issuer)
        issuer.instead[JWKS] = Answer(status=503)
        with pytest.raises(Unreachable, match="HTTP 503"):
            trusting.sees()
        issuer.instead.clear()
        trusting.ticks.advance(29)
        with pytest.raises(Unreachable, match="HTTP 503"):
            trusting.sees()
        trusting.ticks.advance(1)

        assert trusting.sees().email == "ada@hub.example"

    def test_holds_up_one_thread_only(self, issuer: Issuer) -> None:
        """While an issuer that is away is asked again, everybody else goes on with the keys in hand."""
        trusting, token = trust(issuer, timeout_s=60), issuer.mint()
        trusting.sees()
        issuer.instead[JWKS] = Answer(status=503)
        trusting.ticks.advance(600)
        trusting.sees()
        trusting.ticks.advance(30)
        issuer.arrived.clear()
        issuer.gate.clear()

        with ThreadPoolExecutor(2) as pool:
            asking = pool.submit(trusting.sees, token)
            assert issuer.arrived.wait(20)
            done, waiting = wait([pool.submit(trusting.sees, token), asking], 10, FIRST_COMPLETED)
            issuer.gate.set()

        assert [seen.result().email for seen in (*done, *waiting)] == ["ada@hub.example"] * 2
        assert waiting == {asking}
