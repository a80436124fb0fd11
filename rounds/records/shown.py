"""What the people who decide are shown, as documents whose canonical JSON's sha256 an approval holds."""

from pydantic import JsonValue

from rounds.records.benchmarks import AssociationIn, BenchmarkIn, BenchmarkTerms
from rounds.records.leaderboards import Leaderboard

NOT_DECIDED = frozenset({"state", "is_active", "organisation_id", "approval_deadline_s"})


def benchmark_document(benchmark: BenchmarkIn) -> dict[str, JsonValue]:
    """A benchmark as an administrator approves it: all of its proposal but how far along it is."""
    fields = set(BenchmarkIn.model_fields) - NOT_DECIDED
    document: dict[str, JsonValue] = benchmark.model_dump(mode="json", include=fields)
    return document


def association_document(wanted: AssociationIn, terms: BenchmarkTerms) -> dict[str, JsonValue]:
    """Who would join what, and the terms that are agreed to by it."""
    return {
        "request": wanted.model_dump(mode="json", include=set(AssociationIn.model_fields)),
        "terms": terms.model_dump(mode="json", include=set(BenchmarkTerms.model_fields)),
    }


def publication_document(leaderboard: Leaderboard) -> dict[str, JsonValue]:
    """A leaderboard as it would be published."""
    document: dict[str, JsonValue] = leaderboard.model_dump(mode="json")
    return document
