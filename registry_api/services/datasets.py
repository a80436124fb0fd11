"""Datasets: registered in DEVELOPMENT, in OPERATION once their preparation is released, never back."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import AssociationRow, BenchmarkRow, DatasetRow
from registry_api.services import approvals, benchmarks, editing, joining, organisations, outcomes
from registry_api.services.audit import changed, created
from registry_api.services.names import check_texts
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import own_benchmarks, own_dataset
from rounds.errors import Conflict, Forbidden
from rounds.records.base import Page
from rounds.records.cubes import State
from rounds.records.datasets import (
    Dataset,
    DatasetChange,
    DatasetIn,
    ReleaseRule,
)
from rounds.records.people import Role

SORTABLE = ("id", "site", "state")
EDITABLE = frozenset({"statistics_release", "results_release", "progress_consent", "is_valid"})
OWN = ("id", "organisation_id", "state", "preparator_id", "prepared_digest", "statistics", "progress",
       "is_valid", "revision")  # fmt: skip


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The datasets that `who` may know of: one's own, and those that one's benchmarks are to judge on."""
    if who.is_admin:
        return true()
    asked = (
        select(AssociationRow.dataset_id)
        .where(col(AssociationRow.benchmark_id).in_(own_benchmarks(who)))
        .where(col(AssociationRow.dataset_id).is_not(None))
    )
    prepared_for = col(DatasetRow.benchmark_id).in_(own_benchmarks(who))
    return or_(own_dataset(who), prepared_for, col(DatasetRow.id).in_(asked))


def register(session: Session, who: Principal, dataset: DatasetIn) -> Dataset:
    """A new dataset, in DEVELOPMENT.

    Raises:
        NotFound: There is no such benchmark.
        Forbidden: The token is for another site, or a rule that releases is set by who may not decide.
        SignInNeeded: Such a rule is set without a fresh sign-in.
        Conflict: The benchmark is not approved, or the same raw data is registered for it.
    """
    benchmark = benchmarks.find(session, who, dataset.benchmark_id)
    benchmarks.need_approved(benchmark)
    if who.site not in {None, dataset.site}:
        message = f"the token is for site {who.site}, needed one for {dataset.site} or for no site"
        raise Forbidden(message)
    check_texts(dataset)
    owner = organisations.owner_of(session, who, dataset.organisation_id, site=dataset.site)
    twin = session.exec(
        select(DatasetRow.id)
        .where(DatasetRow.organisation_id == owner)
        .where(DatasetRow.preparator_id == benchmark.preparator_id)
        .where(DatasetRow.raw_digest == dataset.raw_digest)
    ).first()
    if twin is not None:
        raise Conflict(f"the same raw data is registered as dataset {twin}; use that")
    row = DatasetRow(
        organisation_id=owner,
        benchmark_id=dataset.benchmark_id,
        preparator_id=benchmark.preparator_id,
        site=dataset.site,
        raw_digest=dataset.raw_digest,
        body=dataset.model_dump(mode="json", exclude={"organisation_id", "state"}),
    )
    _need_rules(session, who, dataset, owner)
    created(session, who, "dataset.register", row)
    return as_dataset(row)


def list_datasets(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Dataset]:
    """The datasets that `who` may know of whose columns have the `wanted` values."""
    return page(
        session,
        select(DatasetRow).where(visible_to(who)),
        DatasetRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_dataset,
    )


def read(session: Session, who: Principal, dataset_id: int) -> Dataset:
    """One dataset."""
    return as_dataset(find(session, who, dataset_id))


def find(session: Session, who: Principal, dataset_id: int) -> DatasetRow:
    """A dataset.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, DatasetRow, dataset_id, visible_to(who), "dataset")


def find_own(session: Session, who: Principal, dataset_id: int) -> DatasetRow:
    """A dataset that `who` may act for.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else's.
    """
    row = find(session, who, dataset_id)
    who.need_in(Role.MEMBER, row.organisation_id, f"dataset {dataset_id}", site=row.site)
    return row


def change(
    session: Session, who: Principal, dataset_id: int, change: DatasetChange, *, revision: int
) -> Dataset:
    """The dataset, changed; withdrawn, nothing more is run on it.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else's, or a rule that releases is set by who may not decide.
        SignInNeeded: Such a rule is set without a fresh sign-in.
        Conflict: It changed meanwhile, a field is frozen in OPERATION, or its state would move without
            a released preparation.
        InvalidInput: What it becomes is no dataset.
    """
    row = find_own(session, who, dataset_id)
    editing.need_revision(row, revision, f"dataset {dataset_id}")
    check_texts(change)
    current = as_dataset(row).model_dump(mode="json")
    wanted = editing.changes(change, current, state=row.state, editable=EDITABLE)
    editing.need_values(wanted, frozenset(DatasetChange.model_fields))
    if "state" in wanted:
        raise Conflict("a dataset's state moves with its released preparation; prepare it")
    _need_rules(session, who, change, row.organisation_id)
    with changed(session, who, "dataset.change", row):
        row.is_valid = bool(wanted.pop("is_valid", row.is_valid))
        row.body = {**row.body, **wanted}
        if not row.body["progress_consent"]:
            row.progress = {"status": row.progress["status"]}
    joining.refresh_dataset(session, row.key)
    if not row.is_valid:
        outcomes.void_publications_with(session, who, row, "a dataset was withdrawn")
    return as_dataset(row)


def as_dataset(row: DatasetRow) -> Dataset:
    """The record of a row."""
    return Dataset.model_validate(row.body | {name: getattr(row, name) for name in OWN})


def need_operation(row: DatasetRow, benchmark: BenchmarkRow) -> None:
    """Pass if the dataset is valid and ready for the benchmark.

    Raises:
        Conflict: It is in DEVELOPMENT, was withdrawn, or was prepared by a preparator that the benchmark
            does not take.
    """
    if row.preparator_id not in benchmark.compatible_preparators:
        message = f"dataset {row.key} was prepared by cube {row.preparator_id}"
        raise Conflict(f"{message}, needed {benchmark.preparator_id}; register and prepare it anew")
    if row.state != State.OPERATION:
        raise Conflict(f"dataset {row.key} is in {row.state}, needed OPERATION; prepare it first")
    if not row.is_valid:
        raise Conflict(f"dataset {row.key} is withdrawn, needed a valid one")


def _need_rules(
    session: Session, who: Principal, given: DatasetIn | DatasetChange, owner: int
) -> None:
    """Pass if nothing `given` releases by a rule, or who sets the rule could decide as well."""
    if ReleaseRule.ALWAYS in {given.statistics_release, given.results_release}:
        approvals.need_deciding(session, who, owner, "a rule that releases")
