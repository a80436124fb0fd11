"""Which states may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import TypeVar

import pytest

from rounds import transitions
from rounds.errors import Conflict
from rounds.transitions import (
    APPROVAL,
    ASSOCIATION,
    BENCHMARK,
    EXECUTION,
    NOTICE,
    PREPARATION,
    RESULT,
    STATE,
    move,
)

S = TypeVar("S", bound=StrEnum)


def widen(table: Mapping[S, frozenset[S]]) -> Mapping[StrEnum, frozenset[StrEnum]]:
    """A table as one of plain words, so that all can be walked alike."""
    return {old: frozenset(after) for old, after in table.items()}


ALLOWED = {
    "BENCHMARK": "PENDING>APPROVED PENDING>REJECTED APPROVED>PENDING",
    "ASSOCIATION": ("PENDING>APPROVED PENDING>REJECTED PENDING>WITHDRAWN APPROVED>REVOKED"),
    "APPROVAL": (
        "PENDING>GRANTED PENDING>REFUSED PENDING>EXPIRED PENDING>VOID PENDING>WITHDRAWN "
        "GRANTED>EXPIRED GRANTED>REVOKED GRANTED>VOID"
    ),
    "EXECUTION": (
        "CLAIMED>SCORED CLAIMED>FAILED CLAIMED>HELD_BACK SCORED>SUBMITTED SCORED>FAILED "
        "SCORED>HELD_BACK SCORED>EXPIRED SCORED>SUPERSEDED SUBMITTED>SUPERSEDED "
        "SUBMITTED>WITHDRAWN"
    ),
    "RESULT": "IN_FORCE>SUPERSEDED IN_FORCE>WITHDRAWN",
    "STATE": "DEVELOPMENT>OPERATION",
    "PREPARATION": (
        "not_started>running not_started>failed not_started>finished "
        "running>manual running>waiting running>failed running>finished "
        "manual>running manual>failed manual>finished "
        "waiting>running waiting>failed waiting>finished failed>running failed>finished"
    ),
    "NOTICE": "waiting>delivered waiting>gone waiting>dead dead>waiting",
}
TABLES: Mapping[str, Mapping[StrEnum, frozenset[StrEnum]]] = {
    "BENCHMARK": widen(BENCHMARK),
    "ASSOCIATION": widen(ASSOCIATION),
    "APPROVAL": widen(APPROVAL),
    "EXECUTION": widen(EXECUTION),
    "RESULT": widen(RESULT),
    "STATE": widen(STATE),
    "PREPARATION": widen(PREPARATION),
    "NOTICE": widen(NOTICE),
}
MOVES = [
    (name, old, new) for name, table in TABLES.items() for old, new in product(table, repeat=2)
]


@pytest.mark.parametrize(("name", "old", "new"), MOVES)
def test_only_the_listed_moves_are_allowed(name: str, old: StrEnum, new: StrEnum) -> None:
    """Each pair of states is allowed if and only if it stands in the list above."""
    listed = f"{old}>{new}" in ALLOWED[name].split()

    allowed = new in TABLES[name][old]

    assert allowed == listed


def test_every_table_is_walked() -> None:
    """No table of `rounds.transitions` is missing from the list above."""
    tables = {name for name, found in vars(transitions).items() if isinstance(found, dict)}

    listed = {name for name in tables if name.isupper()}

    assert listed == set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_has_its_line(name: str) -> None:
    """No state of a noun is missing from its table."""
    table = TABLES[name]

    states = set(type(next(iter(table))))

    assert set(table) == states


@pytest.mark.parametrize(("name", "old", "new"), MOVES)
def test_move_gives_the_new_state_or_refuses(name: str, old: StrEnum, new: StrEnum) -> None:
    """An allowed move gives its end; another one raises and names both states."""
    table = TABLES[name]
    if new in table[old]:
        assert move(table, old, new) is new
        return

    with pytest.raises(Conflict, match=f"found {old}, .*not {new}"):
        move(table, old, new)
