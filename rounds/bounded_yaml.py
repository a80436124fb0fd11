"""YAML as JSON values, within bounds: what a stranger wrote is read without trusting it.

1. Only mappings with text keys, lists, text, whole and decimal numbers, true, false and null come out.
   Plain words follow YAML 1.2's core schema, so that JSON is read as JSON (`1e-5` is a number) and a date,
   `on` or `12:30:00` stays text. Python's `NaN` and `Infinity` are numbers too.
2. Aliases, anchors, tags, a key given twice, a second document and deep nesting are refused.
3. Nothing recurses: the parser's events are folded over an explicit stack, so depth costs no stack either.
"""

import math
import re
from dataclasses import dataclass

import yaml
from pydantic import JsonValue

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, JsonValue] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_INFINITY = re.compile(r"([-+]?)(\.inf|\.Inf|\.INF|Infinity)\Z")
_NAN = re.compile(r"(\.nan|\.NaN|\.NAN|NaN)\Z")
_MAX_DIGITS = 400


class Unreadable(Exception):
    """A document breaks rule 1 or 2. `found` may leave the site: it names no value of the document."""

    def __init__(self, found: str, *, detail: str = "", not_finite: bool = False) -> None:
        super().__init__(found)
        self.found = found
        self.detail = detail
        self.not_finite = not_finite


@dataclass(slots=True)
class _Open:
    """A collection whose end is still to come; `key` waits for its value."""

    value: dict[str, JsonValue] | list[JsonValue]
    key: str | None = None

    def add(self, value: JsonValue, event: yaml.Event) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
            return
        if self.key is not None:
            self.value[self.key] = value
            self.key = None
            return
        if not isinstance(event, yaml.ScalarEvent):
            raise Unreadable(f"a key that is no text {_where(event)}")
        if event.value in self.value:
            raise Unreadable(f"the same key twice {_where(event)}", detail=event.value)
        self.key = event.value


def parse_yaml(content: bytes, *, max_depth: int, finite: bool) -> JsonValue:
    """The one document in `content`; None if there is none.

    Raises:
        Unreadable: It is no YAML, breaks a rule of this module, or holds a number that is not finite
            although `finite` asks for that.
    """
    documents = 0
    fold = _Fold(max_depth, finite=finite)
    try:
        for event in yaml.parse(content, Loader=_LOADER):
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise Unreadable(f"a second document {_where(event)}")
            fold.take(event)
    except yaml.MarkedYAMLError as error:
        where = f"at line {error.problem_mark.line + 1}" if error.problem_mark else "somewhere"
        raise Unreadable(f"no valid YAML {where}", detail=str(error)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise Unreadable("no valid YAML", detail=str(error)) from error
    return fold.root


class _Fold:
    def __init__(self, max_depth: int, *, finite: bool) -> None:
        self.root: JsonValue = None
        self._stack: list[_Open] = []
        self._max_depth = max_depth
        self._finite = finite

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise Unreadable(f"an alias or an anchor {_where(event)}")
        if getattr(event, "tag", None) is not None:
            raise Unreadable(f"a tag {_where(event)}")
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._stack.pop()

    def _open(self, event: yaml.Event) -> None:
        if len(self._stack) >= self._max_depth:
            raise Unreadable(f"more than {self._max_depth} levels {_where(event)}")
        value: dict[str, JsonValue] | list[JsonValue]
        value = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._put(value, event)
        self._stack.append(_Open(value))

    def _put(self, value: JsonValue, event: yaml.Event) -> None:
        if self._stack:
            self._stack[-1].add(value, event)
        else:
            self.root = value

    def _scalar(self, event: yaml.ScalarEvent) -> JsonValue:
        if not event.implicit[0]:
            return str(event.value)
        value = _resolve(event.value)
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and len(event.value) > _MAX_DIGITS
        ):
            raise Unreadable(f"a whole number of more than {_MAX_DIGITS} digits {_where(event)}")
        if self._finite and isinstance(value, float) and not math.isfinite(value):
            raise Unreadable(f"NaN or an infinity {_where(event)}", not_finite=True)
        return value


def _resolve(word: str) -> JsonValue:
    if word in _WORDS:
        return _WORDS[word]
    if _INTEGER.match(word):
        return int(word) if len(word) <= _MAX_DIGITS else 0
    if _NUMBER.match(word):
        return float(word)
    if infinity := _INFINITY.match(word):
        return -math.inf if infinity[1] == "-" else math.inf
    return math.nan if _NAN.match(word) else word


def _where(event: yaml.Event) -> str:
    mark = event.start_mark
    return f"at line {mark.line + 1}" if mark else "somewhere"
