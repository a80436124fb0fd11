"""Several pieces of one run's work at once."""

import threading
from contextvars import ContextVar
from functools import partial

import pytest

from flows.side_by_side import side_by_side

RUN: ContextVar[str] = ContextVar("RUN")


def nothing() -> None:
    """Abandon nothing."""


class TestSideBySide:
    def test_does_as_many_at_once_as_it_may(self) -> None:
        """Each piece waits until two of them are under way: only side by side do they come to an end."""
        two = threading.Barrier(2, timeout=30)

        done = side_by_side([two.wait] * 4, at_once=2, abandon=nothing)

        assert sorted(done) == [0, 0, 1, 1]

    def test_does_no_more_at_once_than_it_may(self) -> None:
        """With one place they are done one after another, in their order."""
        seen: list[int] = []

        side_by_side([partial(seen.append, n) for n in range(9)], at_once=1, abandon=nothing)

        assert seen == list(range(9))

    def test_gives_what_each_gave_in_their_order(self) -> None:
        """Whichever ends first, what comes out stands in the order of what went in."""
        ended = threading.Event()
        pieces = [partial(_wait, ended, "a"), partial(_set, ended, "b")]

        assert side_by_side(pieces, at_once=2, abandon=nothing) == ["a", "b"]

    def test_is_the_runs_own_work(self) -> None:
        """What the run knows of itself, its threads know."""
        token = RUN.set("here")
        try:
            seen = side_by_side([RUN.get] * 2, at_once=2, abandon=nothing)
        finally:
            RUN.reset(token)

        assert seen == ["here", "here"]

    def test_abandons_the_others_when_one_fails(self) -> None:
        """Those under way are told to end, and what was not begun never is."""
        begun, told, late = threading.Event(), threading.Event(), threading.Event()
        under_way = partial(_wait, told, "ended", begun)
        pieces = [partial(_fail, begun), under_way, partial(_set, late, "begun after all")]

        with pytest.raises(ZeroDivisionError, match="by zero"):
            side_by_side(pieces, at_once=2, abandon=told.set)

        assert (told.is_set(), late.is_set()) == (True, False)


def _wait(what: threading.Event, answer: str, begun: threading.Event | None = None) -> str:
    """The answer, once somebody set the event."""
    if begun is not None:
        begun.set()
    what.wait(30)
    return answer


def _set(what: threading.Event, answer: str) -> str:
    """The answer, after setting the event."""
    what.set()
    return answer


def _fail(begun: threading.Event) -> str:
    """Fail as soon as another piece is under way."""
    begun.wait(30)
    return str(1 / 0)
