"""Audit logs for the tests: what they hold, their export, and how somebody edits one."""

import json
from collections.abc import Iterable, Iterator

from hypothesis import strategies as st
from pydantic import JsonValue

from rounds.audit import GENESIS, Link, export_lines, link

TEXT = st.text(max_size=8) | st.sampled_from(["\u2028", "\u0085", "\r\n", '"', "Ω"])
VALUES: st.SearchStrategy[JsonValue] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
ENTRIES = st.dictionaries(TEXT, VALUES | st.lists(VALUES, max_size=2), max_size=4)
LOGS = st.lists(ENTRIES, min_size=2, max_size=6)


def make_entry(number: int, **changes: JsonValue) -> dict[str, JsonValue]:
    """An entry as the registry writes them."""
    return {
        "id": number,
        "at": f"2026-01-01T00:00:{number % 60:02}Z",
        "user_id": 3,
        "token_label": "laptop",
        "action": "dataset.update",
        "subject": f"dataset/{number}",
        "before_sha256": "a" * 64,
        "after_sha256": None,
        **changes,
    }


def chain_of(entries: Iterable[dict[str, JsonValue]]) -> Iterator[Link]:
    """The chain over these entries."""
    previous = GENESIS
    for position, entry in enumerate(entries, 1):
        made = link(position, previous, entry)
        yield made
        previous = made.sha256


def export(entries: list[dict[str, JsonValue]]) -> list[str]:
    """An export of the chain over these entries."""
    return list(export_lines(chain_of(entries)))


def make_log(n_entries: int = 5) -> list[str]:
    """An export of so many entries."""
    return export([make_entry(number) for number in range(1, n_entries + 1)])


def edit(line: str, **changes: JsonValue) -> str:
    """A line with other values, in the form of an export."""
    return json.dumps({**json.loads(line), **changes}, sort_keys=True, separators=(",", ":"))


def relink(log: list[str], place: int) -> None:
    """Give the line at `place` the sha256 that its edited content has."""
    made = json.loads(log[place])
    digest = link(made["position"], made["previous"], made["entry"]).sha256
    log[place] = edit(log[place], sha256=digest)
