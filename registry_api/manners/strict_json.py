"""JSON as strict as a database and another parser need it: what it says can be stored and said again.

Small bodies take the short way: one pass of the C parser, which asks here about each number and object. Only a
body with an escape by number or with many brackets is walked through.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import NoReturn

from pydantic import JsonValue

from rounds.errors import InvalidInput

MAX_DEPTH = 32
LARGEST = 2**63 - 1
SMALLEST = -(2**63)
LONGEST_INTEGER = len(str(SMALLEST))
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def read(body: bytes) -> JsonValue:
    """The value that `body` is.

    Raises:
        InvalidInput: It is no JSON in UTF-8; a key stands twice in one object; a text or a key holds NUL or half a
            surrogate pair; a number is none (NaN, Infinity), too large for a double or, as an integer, for 64
            bits; or it is nested too deep.
    """
    try:
        value: JsonValue = _DECODER.decode(body.decode("utf-8"))
    except json.JSONDecodeError as error:
        message = (
            f"found no JSON in the body at line {error.lineno}, column {error.colno}, "
            "needed one JSON value"
        )
        raise InvalidInput(message) from None
    except UnicodeDecodeError:
        raise InvalidInput("found a body that is no UTF-8, needed JSON in UTF-8") from None
    except RecursionError:
        raise _too_deep() from None
    if _is_suspicious(body):
        _walk(value)
    return value


def _is_suspicious(body: bytes) -> bool:
    return body.count(b"[") + body.count(b"{") > MAX_DEPTH or b"\\u" in body


def _walk(value: JsonValue) -> None:
    """Look at `value` level by level, so that no depth can exhaust the stack."""
    level: Sequence[JsonValue] = [value]
    for _ in range(MAX_DEPTH):
        level = [part for item in level for part in _parts(item)]
    if any(isinstance(item, dict | list) for item in level):
        raise _too_deep()
    for item in level:
        _parts(item)


def _parts(item: JsonValue) -> Sequence[JsonValue]:
    """What `item` holds, after a look at itself."""
    if isinstance(item, dict):
        return [*item, *item.values()]
    if isinstance(item, list):
        return item
    if isinstance(item, str) and UNSTORABLE.search(item):
        message = (
            "found NUL or half a surrogate pair in a text of the body, needed whole characters"
        )
        raise InvalidInput(message)
    return ()


def _each_key_once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    together = dict(pairs)
    if len(together) != len(pairs):
        raise InvalidInput("found a key twice in one object of the body, needed each once")
    return together


def _integer(text: str) -> int:
    # By length first: Python reads no integer of more than some thousand digits.
    number = int(text) if len(text) <= LONGEST_INTEGER else LARGEST + 1
    if not SMALLEST <= number <= LARGEST:
        raise InvalidInput("found an integer beyond 64 bits in the body, needed a smaller one")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise InvalidInput(
            "found a number beyond a double's range in the body, needed a smaller one"
        )
    return number


def _refuse_constant(_name: str) -> NoReturn:
    raise InvalidInput("found NaN or Infinity in the body, needed numbers that JSON has")


def _too_deep() -> InvalidInput:
    return InvalidInput(
        f"found a body nested deeper than {MAX_DEPTH} levels, needed at most so many"
    )


_DECODER = json.JSONDecoder(
    object_pairs_hook=_each_key_once,
    parse_int=_integer,
    parse_float=_finite,
    parse_constant=_refuse_constant,
)
