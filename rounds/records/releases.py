"""The documents that leave a site, in the one form whose sha256 is approved, submitted and stored."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from rounds.digests import sha256_json
from rounds.records.approvals import Item
from rounds.records.executions import MetricValue


def results_document(
    execution_id: int,
    metrics: Mapping[str, MetricValue],
    n_cases: int,
    *,
    salt: str,
    partial: bool = False,
) -> dict[str, JsonValue]:
    """One execution's scores as they leave; its canonical JSON is what a person is shown.

    Only scores of partial predictions say of which they are, so that the bytes of all others are what they
    were before there was such a thing: drafts wait for weeks.

    `salt` is the site's, 64 hex digits: the document's sha256 leaves before the decision, and nobody
    may find the few digits of a score behind it by trying them all.
    """
    document: dict[str, JsonValue] = {
        "execution_id": execution_id,
        "metrics": {name: value.model_dump() for name, value in metrics.items()},
        "n_cases": n_cases,
        "salt": salt,
    }
    return document | {"partial": True} if partial else document


def statistics_document(
    dataset_id: int,
    prepared_digest: str,
    statistics: Mapping[str, float | None],
    n_cases: int,
    *,
    salt: str,
) -> dict[str, JsonValue]:
    """A dataset's statistics as they leave; `prepared_digest` is the keyed one, `salt` as above."""
    return {
        "dataset_id": dataset_id,
        "prepared_digest": prepared_digest,
        "statistics": dict(statistics),
        "n_cases": n_cases,
        "salt": salt,
    }


def items_digest(items: Iterable[Item]) -> str:
    """What an approval is bound to: one sha256 over what is released and each one's own sha256."""
    ordered = sorted(items, key=lambda item: item.subject_id)
    return sha256_json([item.model_dump() for item in ordered])
