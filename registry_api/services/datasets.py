"""Datasets: registered in DEVELOPMENT, in OPERATION once their preparation is released, never back."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import AssociationRow, BenchmarkRow, DatasetRow
from registry_api.services import benchmarks, outcomes
from registry_api.services.audit import changed, created
from registry_api.services.paging import Window, page
from registry_api.services.reach import own_benchmarks, own_dataset
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, IntegrityError, InvalidInput, NotFound
from rounds.records.approvals import ApprovalKind, Item
from rounds.records.base import Page
from rounds.records.datasets import Dataset, DatasetIn, DatasetState, Preparation
from rounds.records.releases import statistics_document
from rounds.transitions import DATASET, move


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The datasets that `who` may know of: one's own, and those that asked to join one's benchmark."""
    if who.is_admin:
        return true()
    asked = (
        select(AssociationRow.dataset_id)
        .where(col(AssociationRow.benchmark_id).in_(own_benchmarks(who)))
        .where(col(AssociationRow.dataset_id).is_not(None))
    )
    return or_(own_dataset(who), col(DatasetRow.id).in_(asked))


def register(session: Session, who: Principal, dataset: DatasetIn) -> Dataset:
    """A new dataset, in DEVELOPMENT.

    Raises:
        NotFound: There is no such benchmark.
        Forbidden: The token is for another site.
        Conflict: The benchmark is not approved, or the same raw data is registered for it.
    """
    benchmark = benchmarks.find(session, who, dataset.benchmark_id)
    benchmarks.need_approved(benchmark)
    if who.site not in {None, dataset.site}:
        message = f"the token is for site {who.site}, needed one for {dataset.site} or for no site"
        raise Forbidden(message)
    twin = session.exec(
        select(DatasetRow.id)
        .where(DatasetRow.owner_id == who.user_id)
        .where(DatasetRow.benchmark_id == dataset.benchmark_id)
        .where(DatasetRow.raw_digest == dataset.raw_digest)
    ).first()
    if twin is not None:
        raise Conflict(f"the same raw data is registered as dataset {twin}; use that")
    row = DatasetRow(
        owner_id=who.user_id,
        benchmark_id=dataset.benchmark_id,
        site=dataset.site,
        raw_digest=dataset.raw_digest,
        body=dataset.model_dump(mode="json"),
    )
    created(session, who, "dataset.register", row)
    return as_dataset(row)


def list_datasets(
    session: Session,
    who: Principal,
    window: Window,
    *,
    benchmark_id: int | None = None,
    site: str | None = None,
) -> Page[Dataset]:
    """The datasets that `who` may know of, or those of a benchmark or a site."""
    statement = select(DatasetRow).where(visible_to(who))
    if benchmark_id is not None:
        statement = statement.where(DatasetRow.benchmark_id == benchmark_id)
    if site is not None:
        statement = statement.where(DatasetRow.site == site)
    return page(session, statement, DatasetRow, window=window, read=as_dataset)


def find(session: Session, who: Principal, dataset_id: int) -> DatasetRow:
    """A dataset.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(DatasetRow).where(DatasetRow.id == dataset_id).where(visible_to(who))
    row = session.exec(statement).first()
    if row is None:
        raise NotFound(f"found no dataset {dataset_id} that you may know of; check the id")
    return row


def find_own(session: Session, who: Principal, dataset_id: int) -> DatasetRow:
    """A dataset that `who` may act for.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else's.
    """
    row = find(session, who, dataset_id)
    if row.owner_id != who.user_id:
        raise Forbidden(f"dataset {dataset_id} is somebody else's, needed its owner")
    return row


def finish_preparation(
    session: Session, who: Principal, dataset_id: int, preparation: Preparation
) -> Dataset:
    """The dataset, in OPERATION with its released statistics; the same bytes again change nothing.

    Raises:
        NotFound: There is no such dataset that `who` may know of.
        Forbidden: It is somebody else's.
        Conflict: Other bytes were released before, or the approval does not cover these.
        InvalidInput: The benchmark's contract does not have these statistics.
        IntegrityError: The sha256 is not that of what was sent.
    """
    row = find_own(session, who, dataset_id)
    if row.released_sha256 == preparation.sha256:
        return as_dataset(row)
    if row.state != DatasetState.DEVELOPMENT:
        message = f"dataset {dataset_id} is in {row.state} with other bytes; register a new dataset"
        raise Conflict(message)
    _check_statistics(session, row, preparation)
    _check_twin(session, row, preparation.prepared_digest)
    item = Item(subject_id=dataset_id, sha256=preparation.sha256)
    approval_id = preparation.approval_id
    outcomes.spend(session, who, approval_id, item, kind=ApprovalKind.STATISTICS)
    with changed(session, who, "dataset.operation", row):
        row.state = move(DATASET, DatasetState(row.state), DatasetState.OPERATION)
        row.prepared_digest = preparation.prepared_digest
        row.released_sha256 = preparation.sha256
        row.statistics = dict(preparation.statistics)
    return as_dataset(row)


def as_dataset(row: DatasetRow) -> Dataset:
    """The record of a row."""
    own = row.model_dump(include={"id", "owner_id", "state", "prepared_digest", "statistics"})
    return Dataset.model_validate({**row.body, **own})


def _check_statistics(session: Session, row: DatasetRow, preparation: Preparation) -> None:
    contract = benchmarks.contract_of(session.get_one(BenchmarkRow, row.benchmark_id))
    needed = {spec.name for spec in contract.statistics}
    if set(preparation.statistics) != needed:
        names = ", ".join(sorted(needed)) or "none"
        raise InvalidInput(f"found other statistics than the contract's, needed exactly: {names}")
    document = statistics_document(
        row.key,
        preparation.prepared_digest,
        preparation.statistics,
        preparation.n_cases,
        salt=preparation.salt,
    )
    if sha256_json(document) != preparation.sha256:
        raise IntegrityError(
            "the statistics do not have the sha256 given with them, needed them to"
        )


def _check_twin(session: Session, row: DatasetRow, prepared_digest: str) -> None:
    twin = session.exec(
        select(DatasetRow.id)
        .where(DatasetRow.owner_id == row.owner_id)
        .where(DatasetRow.benchmark_id == row.benchmark_id)
        .where(DatasetRow.prepared_digest == prepared_digest)
        .where(DatasetRow.id != row.id)
    ).first()
    if twin is not None:
        raise Conflict(f"your dataset {twin} holds the same prepared data, needed other data")


def need_operation(row: DatasetRow, benchmark: BenchmarkRow) -> None:
    """Pass if the dataset is ready for the benchmark.

    Raises:
        Conflict: It is in DEVELOPMENT, or was prepared for another benchmark.
    """
    if row.benchmark_id != benchmark.id:
        message = f"dataset {row.key} was prepared for benchmark {row.benchmark_id}"
        raise Conflict(f"{message}, needed one prepared for {benchmark.key}")
    if row.state != DatasetState.OPERATION:
        raise Conflict(f"dataset {row.key} is in {row.state}, needed OPERATION; prepare it first")
