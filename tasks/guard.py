"""What Prefect may see of a failure: a code and a sentence that may leave the site."""

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from rounds.errors import Code, RoundsError, RunnerError
from rounds.records.crashes import Crash

P = ParamSpec("P")
R = TypeVar("R")

site_log = logging.getLogger("rounds.site")


class StageFailed(Exception):
    """A failure as it may leave the site; `crash` is for the registry, and no part of the text."""

    def __init__(self, code: Code, summary: str, crash: Crash | None = None) -> None:
        super().__init__(f"[{code}] {summary}")
        self.code = code
        self.crash = crash


@contextmanager
def site_safe() -> Iterator[None]:
    """Let only site-safe text reach Prefect; the site's own log gets the rest.

    Raises:
        StageFailed: In place of whatever was raised inside.
    """
    try:
        yield
    except StageFailed:
        raise
    except RoundsError as error:
        site_log.exception("[%s] %s %s", error.code, error.summary, error.detail)
        crash = error.crash if isinstance(error, RunnerError) else None
        failed = StageFailed(error.code, error.summary, crash)
    except Exception as error:
        site_log.exception("unexpected")
        failed = StageFailed(
            Code.UNEXPECTED, f"{type(error).__name__}; the site's log has the rest"
        )
    else:
        return
    raise failed from None


def site_task(function: Callable[P, R]) -> Task[P, R]:
    """`function` as a guarded Prefect task of the same name that persists and caches nothing."""

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with site_safe():
            return function(*args, **kwargs)

    decorate = task(name=function.__name__, cache_policy=NO_CACHE, persist_result=False)
    return decorate(guarded)
