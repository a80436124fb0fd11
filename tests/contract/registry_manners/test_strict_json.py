"""JSON that can be stored, and said again in the same words."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from registry_api.manners.strict_json import read
from rounds.errors import InvalidInput

WHOLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WHOLE
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(WHOLE, inner), max_leaves=60
)
NOT_JSON = "no JSON in the body at line 1, column"
TOO_DEEP = "nested deeper than 32 levels"
NO_NUMBER = "NaN or Infinity"
NOT_WHOLE = "NUL or half a surrogate pair"
TOO_LARGE = "an integer beyond 64 bits"


def nested(depth: int, *, opening: str = "[", closing: str = "]") -> bytes:
    """Brackets within brackets."""
    return (opening * depth + "1" + closing * depth).encode()


class TestRead:
    @given(value=VALUES, ascii_only=st.booleans())
    def test_takes_what_json_is(self, value: JsonValue, *, ascii_only: bool) -> None:
        """Any value of JSON is read as what it is, escaped or not."""
        body = json.dumps(value, ensure_ascii=ascii_only).encode()

        found = read(body)

        assert found == value

    @given(
        body=st.binary()
        | st.text(alphabet='[]{}",:0123456789eE+-.\\un \ud800').map(
            lambda text: text.encode("utf-8", "surrogatepass")
        )
    )
    def test_refuses_everything_else(self, body: bytes) -> None:
        """Whatever bytes come are read or refused in our words, and what was read can be said again."""
        try:
            value = read(body)
        except InvalidInput:
            return

        assert read(json.dumps(value, allow_nan=False).encode()) == value

    @pytest.mark.parametrize(
        ("body", "fault"),
        [
            (b"NaN", NO_NUMBER),
            (b'{"a": [-Infinity]}', NO_NUMBER),
            (b"1e400", "beyond a double's range"),
            (b'{"a": -1E+309}', "beyond a double's range"),
            (b"1" * 400 + b".0", "beyond a double's range"),
            (b'{"a": 1, "a": 1}', "a key twice"),
            (b'[{"b": {"a": 1, "\\u0061": 2}}]', "a key twice"),
            (b'"\\u0000"', NOT_WHOLE),
            (b'{"\\u0000": 1}', NOT_WHOLE),
            (b'["\\ud800"]', NOT_WHOLE),
            (b"[" * 32 + b'"\\ud800"' + b"]" * 32, NOT_WHOLE),
            (b'{"a": {"\\uDC00\\ud800": 1}}', NOT_WHOLE),
            (b'"\xed\xa0\x80"', "no UTF-8"),
            (b'"\xff"', "no UTF-8"),
            ('{"a": "\u00e9"}'.encode("latin-1"), "no UTF-8"),
            ('{"a": 1}'.encode("utf-16-be"), NOT_JSON),
            (b"\xef\xbb\xbf1", NOT_JSON),
            (b'"\x00"', NOT_JSON),
            (b"{'a': 1}", NOT_JSON),
            (b"[1] [2]", NOT_JSON),
            (b"01", NOT_JSON),
            (b"", NOT_JSON),
            (b"9223372036854775808", TOO_LARGE),
            (b'{"a": [-9223372036854775809]}', TOO_LARGE),
            (b"1" * 5000, TOO_LARGE),
        ],
    )
    def test_refuses(self, body: bytes, fault: str) -> None:
        """What another parser may read otherwise, or a database cannot hold, is refused."""
        with pytest.raises(InvalidInput, match=fault):
            read(body)

    @pytest.mark.parametrize(
        "body",
        [
            nested(33),
            nested(33, opening='{"a":', closing="}"),
            nested(500),
            nested(10_000),
            nested(1_000_000),
            b"[" * 1_000_000,
            nested(200_000, opening='{"a":', closing="}"),
            b"[" + b"1," * 100 + nested(32) + b"]",
            b"[" * 33 + b"]" * 33,
        ],
    )
    def test_refuses_depth(self, body: bytes) -> None:
        """No depth is too much for the reader, and more than 32 levels are too much for the registry."""
        with pytest.raises(InvalidInput, match=TOO_DEEP):
            read(body)

    @pytest.mark.parametrize(
        "body",
        [
            nested(32),
            nested(32, opening='{"a":', closing="}"),
            b"[" + nested(31) + b", [2], {}]",
            b'["' + b"[{" * 100 + b'"]',
            b"[" * 32 + b"]" * 32,
        ],
    )
    def test_takes_depth_within_bounds(self, body: bytes) -> None:
        """Up to 32 levels are fine, and brackets in a text are no levels."""
        value = read(body)

        assert value == json.loads(body)

    @pytest.mark.parametrize(
        ("body", "value"),
        [
            (b"9223372036854775807", 2**63 - 1),
            (b"-9223372036854775808", -(2**63)),
            (b'"\\ud83e\\ude7a"', "\U0001fa7a"),
            (b'"\\\\u0000"', "\\u0000"),
            (b"1e-400", 0.0),
            (b"1.7976931348623157e308", 1.7976931348623157e308),
            (b"0.12345678901234567890", 0.12345678901234568),
            (b'{"a": {"a": 1}, "b": {"a": 1}}', {"a": {"a": 1}, "b": {"a": 1}}),
        ],
    )
    def test_takes_what_only_looks_wrong(self, body: bytes, value: JsonValue) -> None:
        """The bounds themselves, pairs of surrogates and escaped backslashes are fine."""
        found = read(body)

        assert found == value
        assert not isinstance(found, float) or math.isfinite(found)

    def test_says_nothing_of_the_body(self) -> None:
        """A refusal names the place, and quotes nothing."""
        with pytest.raises(InvalidInput, match=r"column 10, needed one JSON value$") as caught:
            read(b'{"name": patient}')

        assert "patient" not in caught.value.summary
