"""One-time codes are RFC 6238's, are good for a step either way, and serve once."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from registry_api.credentials.totp import matching_step, new_secret, provisioning_uri

# RFC 6238, appendix B: the secret of its SHA-1 vectors; of their eight digits the last six are ours.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP = int(NOON.timestamp()) // 30
# Found by search: this step and the next share a code, as one in a million does.
TWINS = 59061240


def code_at(step: int) -> str:
    """The code of a time step."""
    return pyotp.TOTP(SECRET).generate_otp(step)


class TestNewSecret:
    def test_is_long_and_never_the_same(self) -> None:
        """A secret has 160 bits, and the next one is another."""
        first, second = new_secret(), new_secret()

        assert len(base64.b32decode(first)) == 20
        assert first != second


class TestProvisioningUri:
    def test_tells_an_app_all_it_needs(self) -> None:
        """The address names Rounds, the person and the secret, and leaves the rest as apps assume it."""
        uri = urlsplit(provisioning_uri(SECRET, email="ada+ward@hub.example"))

        assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
        assert unquote(uri.path) == "/Rounds:ada+ward@hub.example"
        assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Rounds"]}


class TestMatchingStep:
    @pytest.mark.parametrize(("unix_s", "code"), VECTORS)
    def test_follows_the_standard(self, unix_s: int, code: str) -> None:
        """The vectors of RFC 6238 match at their own times, and tell their own step."""
        at = datetime.fromtimestamp(unix_s, UTC)

        assert matching_step(SECRET, code, at, after=None) == unix_s // 30

    @pytest.mark.parametrize(("drift", "fits"), [(-2, False), (-1, True), (1, True), (2, False)])
    def test_allows_one_step_of_drift(self, drift: int, *, fits: bool) -> None:
        """A code is good one step early or late, and not two."""
        found = matching_step(SECRET, code_at(STEP + drift), NOON, after=None)

        assert found == (STEP + drift if fits else None)

    def test_serves_once(self) -> None:
        """A code whose step was used, or lies before one that was, is no longer good; the next one is."""
        answers = [
            matching_step(SECRET, code_at(STEP + drift), NOON, after=STEP) for drift in (-1, 0, 1)
        ]

        assert answers == [None, None, STEP + 1]

    def test_uses_up_all_steps_of_one_code(self) -> None:
        """If two steps near by share a code the later is told, so that it cannot serve a second time."""
        at = datetime.fromtimestamp(TWINS * 30, UTC)

        found = matching_step(SECRET, code_at(TWINS), at, after=None)

        assert code_at(TWINS) == code_at(TWINS + 1)
        assert found == TWINS + 1
        assert matching_step(SECRET, code_at(TWINS), at, after=found) is None

    def test_is_strict_about_the_step_s_edge(self) -> None:
        """A step ends after thirty seconds: a code is good until the end of the step after its own."""
        late = [NOON + timedelta(seconds=seconds) for seconds in (59.9, 60)]

        answers = [matching_step(SECRET, code_at(STEP), at, after=None) for at in late]

        assert answers == [STEP, None]

    @pytest.mark.parametrize("shape", ["{0}{1}", "{0} {1}", " {0}\u00a0{1}\n"])
    def test_may_be_typed_with_blanks(self, shape: str) -> None:
        """Blanks between, before and after the digits do not count."""
        code = code_at(STEP)

        found = matching_step(SECRET, shape.format(code[:3], code[3:]), NOON, after=None)

        assert found == STEP

    @pytest.mark.parametrize(
        "typed", ["", "12345", "1234567", "abcdef", "\ud800" * 6, "0" * 1_000_000, "x" + "\0" * 5]
    )
    def test_takes_what_is_no_code_for_none(self, typed: str) -> None:
        """Whatever is typed that is no code matches nothing and raises nothing."""
        assert matching_step(SECRET, typed, NOON, after=None) is None

    def test_takes_no_digits_of_another_script(self) -> None:
        """The digits are those that the app shows."""
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code_at(STEP))

        assert matching_step(SECRET, wide, NOON, after=None) is None
