"""A registry as full as a consortium's: rows such as the registry itself writes, put in by the thousand."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from sqlalchemy import insert, text
from sqlmodel import Session

from benchmarks.registry_rows import (
    DIGEST,
    LATER,
    OWNER_ID,
    SCORES,
    Values,
    make_approval,
    make_benchmark,
    make_cell,
    make_cube,
    make_dataset,
    make_execution,
    make_joined,
    make_result,
    make_submission,
)
from cube_specs.models import CubeKind
from registry_api.auth import hash_secret, new_secret
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CellRow,
    CubeRow,
    DatasetRow,
    ExecutionRow,
    OrganisationRow,
    ResultRow,
    Row,
    TokenRow,
    UserRow,
)
from registry_api.storage.database import Database
from rounds.digests import sha256_json
from rounds.records.approvals import ApprovalKind, ApprovalStatus, Item
from rounds.records.executions import ExecutionStatus, Submission
from rounds.records.people import Role
from rounds.records.releases import results_document

CHUNK = 5000
EACH_APPROVAL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How full: every dataset belongs to one benchmark, every model to `joins` of them."""

    benchmarks: int
    datasets: int
    models: int
    joins: int
    results: int

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The benchmark and the model of every model's association."""
        return [
            ((number + joined) % self.benchmarks + 1, number + 2)
            for number in range(1, self.models + 1)
            for joined in range(self.joins)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What is needed to ask: the administrator's secret, and submissions that are waiting to be made."""

    secret: str
    submissions: list[tuple[int, Submission]]


def fill(database: Database, size: Size, *, submissions: int) -> Filled:
    """Fill an empty registry, and prepare as many scored executions whose release was granted."""
    secret = new_secret()
    cells = _cells(size)
    scored = cells[size.results : size.results + submissions]

    def work(session: Session) -> list[tuple[int, Submission]]:
        _people(session, secret)
        _registrations(session, size)
        _put(session, CellRow, (make_cell(number, key) for number, key in enumerate(cells, 1)))
        done = enumerate(cells[: size.results], 1)
        _results(session, [(number, key) for number, key in done])
        first = size.results + 1
        return _scored(session, list(enumerate(scored, first)))

    waiting = database.write(work)
    _count_on(database)
    # Sites submit independently: requests that come at the same time are of different approvals.
    Random(1).shuffle(waiting)  # noqa: S311  no secret
    return Filled(secret=secret, submissions=waiting)


def _people(session: Session, secret: str) -> None:
    _put(
        session, OrganisationRow, [{"id": 1, "name": "Load", "name_key": None, "is_personal": True}]
    )
    person = {"id": OWNER_ID, "name": "Load", "email": "load@example.org", "is_admin": True}
    _put(session, UserRow, [{**person, "organisation_id": 1}])
    token = {"id": 1, "user_id": OWNER_ID, "label": "load", "sha256": hash_secret(secret)}
    _put(session, TokenRow, [{**token, "role": Role.ADMINISTRATOR, "expires_at": LATER}])


def _registrations(session: Session, size: Size) -> None:
    kinds = [CubeKind.PREPARATOR, CubeKind.METRICS] + [CubeKind.MODEL] * size.models
    _put(session, CubeRow, (make_cube(number, kind) for number, kind in enumerate(kinds, 1)))
    _put(
        session, BenchmarkRow, (make_benchmark(number) for number in range(1, size.benchmarks + 1))
    )
    _put(
        session, DatasetRow, (make_dataset(n, size.benchmarks) for n in range(1, size.datasets + 1))
    )
    datasets = range(1, size.datasets + 1)
    joined = [make_joined(number % size.benchmarks + 1, dataset_id=number) for number in datasets]
    joined += [
        make_joined(benchmark_id, model_id=model_id) for benchmark_id, model_id in size.pairs
    ]
    _put(session, AssociationRow, joined)


def _cells(size: Size) -> list[tuple[int, int, int]]:
    """Benchmark, dataset and model of every cell: those of one benchmark meet."""
    models: dict[int, list[int]] = {}
    for benchmark_id, model_id in size.pairs:
        models.setdefault(benchmark_id, []).append(model_id)
    return [
        (number % size.benchmarks + 1, number, model)
        for number in range(1, size.datasets + 1)
        for model in models[number % size.benchmarks + 1]
    ]


def _results(session: Session, numbered: list[tuple[int, tuple[int, int, int]]]) -> None:
    by_rule = {"kind": ApprovalKind.RESULTS, "status": ApprovalStatus.GRANTED, "is_open": False}
    _put(session, ApprovalRow, (make_approval(number, key, **by_rule) for number, key in numbered))
    _put(
        session,
        ExecutionRow,
        (make_execution(number, key, ExecutionStatus.SUBMITTED) for number, key in numbered),
    )
    _put(session, ResultRow, (make_result(number, key) for number, key in numbered))


def _scored(
    session: Session, numbered: list[tuple[int, tuple[int, int, int]]]
) -> list[tuple[int, Submission]]:
    executions, waiting, approvals = [], [], []
    for start in range(0, len(numbered), EACH_APPROVAL):
        together = numbered[start : start + EACH_APPROVAL]
        approval_id = together[0][0]
        items = []
        for number, key in together:
            sha256 = sha256_json(results_document(number, SCORES, 25, salt=DIGEST))
            executions.append(
                {**make_execution(number, key, ExecutionStatus.SCORED), "sha256": sha256}
            )
            items.append(Item(subject_id=number, sha256=sha256).model_dump())
            waiting.append((number, make_submission(sha256, approval_id)))
        approvals.append(make_approval(approval_id, together[0][1], items=items, is_open=True))
    _put(session, ApprovalRow, approvals)
    _put(session, ExecutionRow, executions)
    return waiting


def _put(session: Session, row: type[Row], values: Iterable[Values]) -> None:
    """Insert rows with the table's own defaults where a value is not given."""
    whole = [row.model_validate(value).model_dump() for value in values]
    names = whole[0].keys() - ({"id"} if whole and whole[0]["id"] is None else set())
    for start in range(0, len(whole), CHUNK):
        part = [{name: each[name] for name in names} for each in whole[start : start + CHUNK]]
        session.execute(insert(row), part)


def _count_on(database: Database) -> None:
    """Have PostgreSQL number new rows after those that came with a number, and know how many there are."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in Row.metadata.sorted_tables:
            if "id" in table.c:
                last = f"SELECT coalesce(max(id), 0) + 1 FROM {table.name}"  # noqa: S608  our own names
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), ({last}))")
                )
        connection.exec_driver_sql("VACUUM ANALYZE")  # as autovacuum leaves it after a minute
