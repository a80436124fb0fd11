"""Values as text that is safe to show: nothing in it is obeyed by a terminal."""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Final, TextIO

_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """`text` on one line, with JSON's escape for every character that is no letter, mark, sign or plain space."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def text_of(value: object) -> str:
    """A value as one line: times in UTC to the minute, numbers to six digits, yes and no, nothing for None."""
    if isinstance(value, list | tuple):
        return ", ".join(text_of(one) for one in value)
    return printable(_word(value))


def flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """The values within a value by their dotted names; items of a list of mappings are numbered from 1."""
    if isinstance(value, Mapping) and value:
        inner = [(str(key), one) for key, one in value.items()]
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        inner = [(str(number), one) for number, one in enumerate(value, 1)]
    else:
        yield name, None if value == {} else value
        return
    for key, one in inner:
        yield from flat(one, f"{name}.{key}" if name else key)


def escape_what_lacks(stream: TextIO) -> None:
    """Make a stream write what its encoding lacks as an escape, instead of failing."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _word(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case datetime():
            return f"{_in_utc(value):%Y-%m-%d %H:%MZ}"
        case Enum():
            return str(value.value)
        case _:
            return str(value)


def _escape(letter: str) -> str:
    if letter in _SHORT:
        return _SHORT[letter]
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
