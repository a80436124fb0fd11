"""Associations: a dataset or a model asks to join a benchmark; the history is kept."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import ApprovalRow, AssociationRow, BenchmarkRow
from registry_api.services import approvals, benchmarks, cubes, datasets
from registry_api.services.audit import changed, created
from registry_api.services.outcomes import Verdict, settle
from registry_api.services.paging import Window, page
from registry_api.services.reach import own_benchmarks, own_datasets, own_models
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalKind, ApprovalStatus
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    AutoApprovalMode,
    PriorityChange,
)

OPEN = (AssociationStatus.PENDING, AssociationStatus.APPROVED)
DEADLINE = timedelta(days=14)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The associations that `who` may know of: of one's own benchmarks, datasets and models."""
    if who.is_admin:
        return true()
    return or_(
        col(AssociationRow.dataset_id).in_(own_datasets(who)),
        col(AssociationRow.benchmark_id).in_(own_benchmarks(who)),
        col(AssociationRow.model_id).in_(own_models(who)),
    )


def request(session: Session, who: Principal, wanted: AssociationIn) -> Association:
    """A request to join: PENDING, or APPROVED at once where a rule of the benchmark says so.

    Raises:
        InvalidInput: It names both a dataset and a model, or neither.
        NotFound: One of the things it names is none that `who` may know of.
        Forbidden: Neither the thing that joins nor the benchmark is the caller's.
        Conflict: Benchmark or dataset are not ready, or an open association is there.
    """
    if (wanted.dataset_id is None) == (wanted.model_id is None):
        raise InvalidInput("needed exactly one of dataset_id and model_id, found both or neither")
    benchmark = benchmarks.find(session, who, wanted.benchmark_id)
    owner_id = _find_joining(session, who, wanted, benchmark)
    if who.user_id not in {owner_id, benchmark.owner_id}:
        raise Forbidden("what would join is somebody else's, needed its owner or the benchmark's")
    benchmarks.need_approved(benchmark)
    _check_none_open(session, wanted)
    row = AssociationRow(requested_by=who.user_id, **wanted.model_dump())
    created(session, who, "association.request", row)
    invited = who.user_id != owner_id
    approval = ApprovalRow(
        kind=ApprovalKind.ASSOCIATION,
        subject_id=row.key,
        benchmark_id=benchmark.key,
        dataset_id=wanted.dataset_id,
        model_id=wanted.model_id,
        shown_sha256=sha256_json(wanted.model_dump(mode="json")),
        role=_inviters_role(wanted) if invited else approvals.COMMITTEE,
        requested_by=who.user_id,
        deadline=who.at + DEADLINE,
    )
    rule = None if invited else _rule(who, wanted, benchmark)
    approvals.ask(session, who, approval, rule=rule)
    row.approval_id = approval.key
    session.flush()
    return as_association(row)


def list_associations(
    session: Session,
    who: Principal,
    window: Window,
    *,
    wanted: dict[str, int | str | None],
) -> Page[Association]:
    """The associations that `who` may know of whose columns have the `wanted` values, None is any."""
    statement = select(AssociationRow).where(visible_to(who))
    chosen = {name: value for name, value in wanted.items() if value is not None}
    statement = statement.filter_by(**chosen)
    return page(session, statement, AssociationRow, window=window, read=as_association)


def find(session: Session, who: Principal, association_id: int) -> AssociationRow:
    """An association.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(AssociationRow).where(AssociationRow.id == association_id)
    row = session.exec(statement.where(visible_to(who))).first()
    if row is None:
        raise NotFound(f"found no association {association_id} that you may know of; check the id")
    return row


def revoke(session: Session, who: Principal, association_id: int) -> Association:
    """The association, REVOKED together with its approval; outstanding work under it stops.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The benchmark is somebody else's.
        Conflict: It is not APPROVED.
    """
    row = find(session, who, association_id)
    _need_committee(session, who, row)
    approval = session.get_one(ApprovalRow, row.approval_id)
    settle(session, who, approval, Verdict(status=ApprovalStatus.REVOKED))
    return as_association(row)


def set_priority(
    session: Session, who: Principal, association_id: int, change: PriorityChange
) -> Association:
    """A model's association with a new priority.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: Neither the benchmark's owner nor an administrator asks.
        Conflict: It is a dataset's.
    """
    row = find(session, who, association_id)
    if not who.is_admin:
        _need_committee(session, who, row)
    if row.model_id is None:
        raise Conflict("only models have a priority, found a dataset's association")
    with changed(session, who, "association.priority", row):
        row.priority = change.priority
    return as_association(row)


def as_association(row: AssociationRow) -> Association:
    """The record of a row."""
    return Association.model_validate(row.model_dump())


def _find_joining(
    session: Session, who: Principal, wanted: AssociationIn, benchmark: BenchmarkRow
) -> int:
    """The owner of what joins, checked to be ready."""
    if wanted.dataset_id is not None:
        dataset = datasets.find(session, who, wanted.dataset_id)
        datasets.need_operation(dataset, benchmark)
        return dataset.owner_id
    return cubes.find_kind(session, who, wanted.model_id or 0, CubeKind.MODEL).owner_id


def _check_none_open(session: Session, wanted: AssociationIn) -> None:
    found = session.exec(
        select(AssociationRow)
        .where(AssociationRow.benchmark_id == wanted.benchmark_id)
        .where(AssociationRow.dataset_id == wanted.dataset_id)
        .where(AssociationRow.model_id == wanted.model_id)
        .where(col(AssociationRow.status).in_(OPEN))
    ).first()
    if found is not None:
        raise Conflict(f"association {found.key} is {found.status}; it is the one to use")


def _rule(who: Principal, wanted: AssociationIn, benchmark: BenchmarkRow) -> str | None:
    """The rule that approves at once, by name; None if a person must."""
    if benchmark.owner_id == who.user_id:
        return "same owner v1"
    proposal = benchmarks.proposal_of(benchmark)
    side, auto = "datasets", proposal.datasets
    if wanted.model_id is not None:
        side, auto = "models", proposal.models
    listed = auto.mode is AutoApprovalMode.ALLOWLIST and who.user_id in auto.allow
    if listed or auto.mode is AutoApprovalMode.ALWAYS:
        return f"{side}={auto.mode} v1"
    return None


def _inviters_role(wanted: AssociationIn) -> str:
    return approvals.DATA_OWNER if wanted.model_id is None else approvals.MODEL_OWNER


def _need_committee(session: Session, who: Principal, row: AssociationRow) -> None:
    benchmark = session.get_one(BenchmarkRow, row.benchmark_id)
    if benchmark.owner_id != who.user_id:
        message = f"benchmark {benchmark.key} is somebody else's, needed its owner"
        raise Forbidden(message)
