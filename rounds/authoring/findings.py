"""What a check of a cube found, a line each."""

from enum import StrEnum

from rounds.records.base import Record


class Verdict(StrEnum):
    """How a check ended; a warning is what works here and may not work at a site."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Finding(Record):
    """One check, how it ended, and in one line what was found and what to do."""

    check: str
    verdict: Verdict
    says: str


def ok(check: str, says: str = "") -> Finding:
    """That a check found nothing to say against the cube."""
    return Finding(check=check, verdict=Verdict.OK, says=says)


def warning(check: str, says: str) -> Finding:
    """What may not work at a site."""
    return Finding(check=check, verdict=Verdict.WARNING, says=says)


def failed(check: str, says: str) -> Finding:
    """What works at no site."""
    return Finding(check=check, verdict=Verdict.FAILED, says=says)


def skipped(check: str, says: str) -> Finding:
    """What was not looked at, and why."""
    return Finding(check=check, verdict=Verdict.SKIPPED, says=says)
