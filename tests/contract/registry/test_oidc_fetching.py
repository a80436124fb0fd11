"""What a provider shows is fetched with care: in time, once, and from nowhere but where it says."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import JsonValue

from registry_api.credentials.oidc_keys import MAX_BYTES
from rounds.errors import Unreachable
from tests.contract.registry.oidc_issuer import (
    DISCOVERY,
    JWKS,
    Answer,
    Issuer,
    as_json,
    serve_issuer,
)
from tests.contract.registry.oidc_trust import trust


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that serves."""
    with serve_issuer() as serving:
        yield serving


class TestFetching:
    def test_begins_at_the_discovery_document(self, issuer: Issuer) -> None:
        """Without an address of the keys it is read from the issuer's discovery document."""
        trusting = trust(issuer)

        trusting.sees()

        assert issuer.asked == [DISCOVERY, JWKS]

    def test_goes_to_the_address_in_the_settings(self, issuer: Issuer) -> None:
        """An address of the keys in the settings is used alone."""
        trusting = trust(issuer, jwks_url=issuer.url + JWKS)

        trusting.sees()

        assert issuer.asked == [JWKS]

    def test_is_done_once(self, issuer: Issuer) -> None:
        """Keys that are known are not asked for again."""
        trusting = trust(issuer)

        for _ in range(20):
            trusting.sees()

        assert issuer.jwks_fetches == 1

    def test_is_done_once_for_all_threads(self, issuer: Issuer) -> None:
        """Threads that need the first keys at the same time share one answer."""
        trusting, token = trust(issuer), issuer.mint()
        issuer.gate.clear()

        with ThreadPoolExecutor(8) as pool:
            coming = [pool.submit(trusting.sees, token) for _ in range(8)]
            assert issuer.arrived.wait(20)
            issuer.gate.set()
            seen = {one.result(20).email for one in coming}

        assert (seen, issuer.jwks_fetches) == ({"ada@hub.example"}, 1)

    def test_follows_redirects_to_its_own_scheme(self, issuer: Issuer) -> None:
        """Keys that have moved are found, up to three moves away."""
        issuer.instead |= {
            JWKS: Answer(status=302, headers={"location": "/second"}),
            "/second": Answer(status=307, headers={"location": issuer.url + "/third"}),
            "/third": Answer(status=301, headers={"location": "/fourth"}),
            "/fourth": as_json({"keys": [issuer.keys[0].jwk()]}),
        }

        assert trust(issuer).sees().email == "ada@hub.example"

    @pytest.mark.parametrize(
        ("path", "answer", "said"),
        [
            (JWKS, Answer(status=302, headers={"location": "https://127.0.0.1/"}), "scheme"),
            (JWKS, Answer(status=302, headers={"location": "file:///etc/hosts"}), "scheme"),
            (JWKS, Answer(status=500), "HTTP 500"),
            (JWKS, Answer(pieces=lambda: iter((b"<html>",))), "no set of keys"),
            (JWKS, as_json({"keys": "none"}), "no set of keys"),
            (JWKS, Answer(pieces=lambda: iter((b"[" * 100_000,))), "no set of keys"),
            (JWKS, Answer(headers={"content-length": "-x"}), "gave no answer"),
            (DISCOVERY, Answer(status=404), "HTTP 404"),
            (DISCOVERY, as_json({"jwks_uri": 7}), "no discovery document"),
            (
                DISCOVERY,
                as_json({"issuer": "https://elsewhere.test", "jwks_uri": "https://elsewhere.test"}),
                "names another issuer",
            ),
        ],
    )
    def test_refuses_a_bad_answer(
        self, issuer: Issuer, path: str, answer: Answer, said: str
    ) -> None:
        """An answer that is elsewhere, or not what was asked for, leaves no keys, and why is told."""
        issuer.instead[path] = answer

        with pytest.raises(Unreachable, match=f"{said}.*needed its keys"):
            trust(issuer).sees()

    def test_follows_no_ring_of_redirects(self, issuer: Issuer) -> None:
        """A fourth redirect is not followed."""
        issuer.instead[JWKS] = Answer(status=302, headers={"location": JWKS})

        with pytest.raises(Unreachable, match="redirects more than 3 times"):
            trust(issuer).sees()

        assert issuer.jwks_fetches == 4

    def test_reads_a_mebibyte_at_most(self, issuer: Issuer) -> None:
        """A set of keys may be as long as that, and not a byte longer."""
        keys = json.dumps({"keys": [issuer.keys[0].jwk()]}).encode()
        padded = [keys.ljust(size) for size in (MAX_BYTES, MAX_BYTES + 1)]
        issuer.instead[JWKS] = Answer(pieces=lambda: iter(padded[:1]))
        good = trust(issuer).sees()
        issuer.instead[JWKS] = Answer(pieces=lambda: iter(padded[1:]))

        with pytest.raises(Unreachable, match=f"more than {1024**2} bytes"):
            trust(issuer).sees()

        assert good.email == "ada@hub.example"

    def test_keeps_to_the_scheme_in_the_discovery_document(self, issuer: Issuer) -> None:
        """A discovery document does not lead to another scheme than its own."""
        document: JsonValue = {"issuer": issuer.url, "jwks_uri": "https://127.0.0.1/keys"}
        issuer.instead[DISCOVERY] = as_json(document)

        with pytest.raises(Unreachable, match="points to another scheme"):
            trust(issuer).sees()

    def test_waits_no_longer_than_it_says(self, issuer: Issuer) -> None:
        """An issuer that takes the question and says nothing counts as away."""
        trusting = trust(issuer, timeout_s=0.2)
        issuer.gate.clear()

        with pytest.raises(Unreachable, match=r"no answer \(ReadTimeout\)"):
            trusting.sees()

    def test_listens_no_longer_than_it_says(self, issuer: Issuer) -> None:
        """An issuer that says one blank after another is cut off too, before it comes to its keys."""
        keys = json.dumps({"keys": [issuer.keys[0].jwk()]}).encode()
        never = threading.Event()

        def drops() -> Iterator[bytes]:
            for _ in range(100):
                never.wait(0.02)
                yield b" "
            yield keys

        issuer.instead[JWKS] = Answer(pieces=drops)

        with pytest.raises(Unreachable, match=r"was not done after 0\.3 s"):
            trust(issuer, timeout_s=0.3).sees()
