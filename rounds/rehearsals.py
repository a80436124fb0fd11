"""Rehearsals: compatibility tests in which cubes from somebody's own folder stood in for the benchmark's.

A rehearsal's report is another document than a test's, so that its sha256 is no test's, and it says what it is to
whoever reads it: no benchmark is proposed with it, and nobody asks to join with it.
"""

from collections.abc import Iterable

from pydantic import JsonValue

from rounds.errors import SpecError

REHEARSAL = "rehearsal"


def as_rehearsal(report: dict[str, JsonValue], replaced: Iterable[str]) -> dict[str, JsonValue]:
    """The report of a test in which local cubes played the roles `replaced`."""
    return {**report, REHEARSAL: [*sorted(replaced)]}


def is_rehearsal(report: JsonValue) -> bool:
    """Whether a document is a rehearsal's report."""
    return isinstance(report, dict) and REHEARSAL in report


def need_test(report: JsonValue) -> None:
    """Pass if a document is not a rehearsal's report.

    Raises:
        SpecError: It is.
    """
    if is_rehearsal(report):
        message = "found the report of a rehearsal with local cubes, needed that of a test"
        raise SpecError(f"{message}; register the cubes and run rounds test run without --local")
