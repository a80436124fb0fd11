"""Five tries are free; then each wait is twice the last, up to a quarter of an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from registry_api.credentials.throttle import Failures, after_failure, wait_s

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def failed(times: int, at: datetime = NOON) -> Failures:
    """So many failures in a row, all at one moment."""
    failures = Failures()
    for _ in range(times):
        failures = after_failure(failures, at)
    return failures


class TestWait:
    @pytest.mark.parametrize(
        ("times", "wait"),
        [(0, 0), (1, 0), (5, 0), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (10**9, 900)],
    )
    def test_doubles(self, times: int, wait: float) -> None:
        """Nothing for the first five failures, then 2**(n-5) seconds, never more than 900."""
        assert wait_s(Failures(times, NOON if times else None), NOON) == wait

    @pytest.mark.parametrize(("later_s", "wait"), [(0, 8), (3, 5), (8, 0), (9, 0)])
    def test_passes(self, later_s: float, wait: float) -> None:
        """The wait counts from the last failure and never falls below zero."""
        assert wait_s(failed(8), NOON + timedelta(seconds=later_s)) == wait

    def test_holds_nobody_longer_because_of_a_clock(self) -> None:
        """A failure noted by a clock that ran ahead holds up no longer than one that was noted right."""
        ahead = [NOON + timedelta(seconds=seconds) for seconds in (1, 8, 3600, 10**6)]

        waits = [wait_s(failed(8, at), NOON) for at in ahead]

        assert waits == [7, 0, 0, 0]


class TestAfterFailure:
    def test_counts(self) -> None:
        """Each failure counts one more and moves the time on."""
        later = NOON + timedelta(hours=3)

        assert after_failure(failed(6), later) == Failures(7, later)

    @pytest.mark.parametrize(("later", "count"), [(0, 8), (1, 1)])
    def test_forgets_after_a_day(self, later: int, count: int) -> None:
        """Failures are remembered for a day after the last one, and then forgotten at once."""
        at = NOON + timedelta(days=1, seconds=later)

        assert after_failure(failed(7), at) == Failures(count, at)

    def test_begins_with_nothing(self) -> None:
        """Who never failed has one failure after the first."""
        assert after_failure(Failures(), NOON) == Failures(1, NOON)
