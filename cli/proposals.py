"""A benchmark's document, and the report of its compatibility test beside it."""

from pathlib import Path

from pydantic import JsonValue

from rounds.digests import sha256_json
from rounds.documents import load_yaml, parse_document
from rounds.errors import SpecError
from rounds.records.base import Id, Record
from rounds.records.benchmarks import BenchmarkIn, MetricContract
from rounds.rehearsals import need_test


class Tested(Record):
    """What a compatibility test needs of a benchmark that is not registered yet.

    A cube that is not named is one that a local cube plays, or the test says that it is missing.
    """

    preparator_id: Id | None = None
    reference_model_id: Id | None = None
    metrics_id: Id | None = None
    contract: MetricContract


def read_proposal(file: Path, report: Path | None) -> BenchmarkIn:
    """The benchmark of a document, with the report of its test if there is one.

    Raises:
        SpecError: The document or the report is wrong.
    """
    document = _mapping(file)
    if report is not None:
        document |= _tested(_mapping(report))
    return parse_document(BenchmarkIn, document, name=file.name)


def read_tested(file: Path) -> Tested:
    """What a test needs of a benchmark's document, which may lack what only the test can tell.

    Raises:
        SpecError: It lacks something else, or is wrong.
    """
    document = _mapping(file)
    known = {name: document[name] for name in Tested.model_fields if name in document}
    return parse_document(Tested, known, name=file.name)


def _tested(report: dict[str, JsonValue]) -> dict[str, JsonValue]:
    need_test(report)
    if not isinstance(report.get("demo_dataset"), str):
        raise SpecError("found another document, needed the report that rounds test run wrote")
    return {
        "demo_dataset_sha256": report["demo_dataset"],
        "compatibility": report,
        "compatibility_sha256": sha256_json(report),
    }


def _mapping(file: Path) -> dict[str, JsonValue]:
    document = load_yaml(file)
    if not isinstance(document, dict):
        raise SpecError(f"{file.name}: found no mapping, needed fields by name")
    return document
