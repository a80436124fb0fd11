"""Several callers at the same moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rounds.errors import RoundsError

T = TypeVar("T")
LONGEST_S = 60


def race(callers: Sequence[Callable[[], T]]) -> tuple[list[T], list[RoundsError]]:
    """What was answered and what was refused, once all have called at the same moment."""
    start = threading.Barrier(len(callers))

    def call(caller: Callable[[], T]) -> T | RoundsError:
        start.wait(LONGEST_S)
        try:
            return caller()
        except RoundsError as error:
            return error

    with ThreadPoolExecutor(len(callers)) as pool:
        answers = list(pool.map(call, callers))
    refused = [answer for answer in answers if isinstance(answer, RoundsError)]
    return [answer for answer in answers if not isinstance(answer, RoundsError)], refused
