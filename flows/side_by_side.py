"""Several pieces of one run's work at once, each in a thread that Prefect knows as the run's."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import (
    FIRST_EXCEPTION,
    CancelledError,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextvars import copy_context
from typing import TypeVar

from rounds.cancelling import told_if_cut

T = TypeVar("T")


def side_by_side(
    pieces: Sequence[Callable[[], T]], *, at_once: int, abandon: Callable[[], None]
) -> list[T]:
    """What each piece gives, in the given order, which is that in which they are begun.

    If one raises, or this process is to end, `abandon` is called so that those under way end soon, and no
    other is begun.
    """
    failed = threading.Event()

    def do(piece: Callable[[], T]) -> T:
        if failed.is_set():
            raise CancelledError
        with told_if_cut(failed.set):
            return piece()

    with ThreadPoolExecutor(max_workers=at_once) as pool, told_if_cut(abandon):
        begun = [pool.submit(copy_context().run, do, piece) for piece in pieces]
        with told_if_cut(failed.set):
            wait(begun, return_when=FIRST_EXCEPTION)
        tried = [one for one in begun if one.done() and not _is_cancelled(one)]
        return [one.result() for one in (tried if failed.is_set() else begun)]


def _is_cancelled(one: "Future[T]") -> bool:
    return isinstance(one.exception(), CancelledError)
