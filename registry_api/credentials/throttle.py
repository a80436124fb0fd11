"""How long somebody who failed to sign in waits before the next try. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE_TRIES: Final = 5
LONGEST_WAIT_S: Final = 900.0
REMEMBERED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Failures:
    """How often in a row a sign-in failed, and when it last did."""

    count: int = 0
    last: datetime | None = None


def wait_s(failures: Failures, now: datetime) -> float:
    """The seconds until the next try is looked at: none for five failures, then 2, 4, 8, at most 900.

    A `last` that is yet to come was written by a clock ahead of ours; it holds nobody up for longer than
    it would have on time.
    """
    since = _since(failures, now)
    if since is None or failures.count <= FREE_TRIES:
        return 0.0
    return max(0.0, _pause_s(failures.count) - since.total_seconds())


def after_failure(failures: Failures, now: datetime) -> Failures:
    """What is remembered once another sign-in has failed at `now`; nothing from more than a day ago."""
    count = 0 if _since(failures, now) is None else failures.count
    return Failures(count=count + 1, last=now)


def _since(failures: Failures, now: datetime) -> timedelta | None:
    if failures.last is None:
        return None
    since = abs(now - failures.last)
    return since if since <= REMEMBERED else None


def _pause_s(count: int) -> float:
    # Past ten doublings the longest wait is reached; no number need grow further.
    return min(LONGEST_WAIT_S, 2.0 ** min(count - FREE_TRIES, 10))
