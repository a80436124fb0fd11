"""Preparations: how far one has come, and the released statistics that end it."""

from sqlmodel import Session, select

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow, DatasetRow
from registry_api.services import benchmarks, datasets, outcomes
from registry_api.services.audit import changed
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, IntegrityError, InvalidInput
from rounds.records.approvals import ApprovalKind, Item
from rounds.records.cubes import State
from rounds.records.datasets import (
    Dataset,
    Preparation,
    PreparationStatus,
    ProgressIn,
)
from rounds.records.releases import statistics_document
from rounds.transitions import PREPARATION, STATE, move


def report_progress(
    session: Session, who: Principal, dataset_id: int, progress: ProgressIn
) -> Dataset:
    """The dataset, with how far its preparation has come.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else's, or percentages come without the owner's consent.
        Conflict: The preparation is finished, or cannot become that.
    """
    row = datasets.find_own(session, who, dataset_id)
    if progress.percentages is not None and not row.body["progress_consent"]:
        message = f"found percentages of dataset {dataset_id}, whose owner did not consent"
        raise Forbidden(f"{message}; needed the status alone")
    old = PreparationStatus(str(row.progress["status"]))
    if old is not progress.status:
        move(PREPARATION, old, progress.status)
    with changed(session, who, "dataset.progress", row):
        row.progress = progress.model_dump(mode="json")
    return datasets.as_dataset(row)


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
    row = datasets.find_own(session, who, dataset_id)
    if row.released_sha256 == preparation.sha256:
        return datasets.as_dataset(row)
    if not row.is_valid:
        raise Conflict(f"dataset {dataset_id} is withdrawn, needed a valid one")
    if row.state != State.DEVELOPMENT:
        message = f"dataset {dataset_id} is in {row.state} with other bytes; register a new dataset"
        raise Conflict(message)
    _check_statistics(session, row, preparation)
    _check_twin(session, row, preparation.prepared_digest)
    item = Item(subject_id=dataset_id, sha256=preparation.sha256)
    approval = session.get(ApprovalRow, preparation.approval_id)
    covering = outcomes.need_covered(who, approval, item, kind=ApprovalKind.STATISTICS)
    outcomes.spend(session, who, covering, item)
    with changed(session, who, "dataset.operation", row):
        row.state = move(STATE, State(row.state), State.OPERATION)
        row.prepared_digest = preparation.prepared_digest
        row.released_sha256 = preparation.sha256
        row.statistics = dict(preparation.statistics)
        row.progress = {"status": PreparationStatus.FINISHED}
    return datasets.as_dataset(row)


def _check_statistics(session: Session, row: DatasetRow, preparation: Preparation) -> None:
    contract = benchmarks.contract_of(session.get_one(BenchmarkRow, row.benchmark_id).body)
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
        .where(DatasetRow.organisation_id == row.organisation_id)
        .where(DatasetRow.prepared_digest == prepared_digest)
        .where(DatasetRow.id != row.id)
    ).first()
    if twin is not None:
        raise Conflict(f"your dataset {twin} holds the same prepared data, needed other data")
