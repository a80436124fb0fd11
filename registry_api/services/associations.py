"""Associations: a dataset or a model asks to join a benchmark; the history is kept."""

from datetime import timedelta

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, func, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import ApprovalRow, AssociationRow, BenchmarkRow, CubeRow, DatasetRow
from registry_api.services import approvals, benchmarks, cubes, datasets
from registry_api.services.audit import created
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import delegated, own_benchmarks, own_datasets, own_models
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, InvalidInput
from rounds.records.approvals import ApprovalKind
from rounds.records.base import Page
from rounds.records.benchmarks import (
    Association,
    AssociationIn,
    AssociationStatus,
    AutoApprovalMode,
)
from rounds.records.people import Role
from rounds.records.shown import association_document

OPEN = (AssociationStatus.PENDING, AssociationStatus.APPROVED)
SORTABLE = ("id", "status", "priority")


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The associations that `who` may know of: of one's own benchmarks, datasets and models, or delegated."""
    if who.is_admin:
        return true()
    return or_(
        col(AssociationRow.dataset_id).in_(own_datasets(who)),
        col(AssociationRow.benchmark_id).in_(own_benchmarks(who)),
        col(AssociationRow.model_id).in_(own_models(who)),
        col(AssociationRow.id).in_(delegated(who, ApprovalKind.ASSOCIATION)),
    )


def request(session: Session, who: Principal, wanted: AssociationIn) -> Association:
    """A request to join: PENDING, or APPROVED at once where a rule of the benchmark says so.

    Raises:
        InvalidInput: It names both a dataset and a model, or neither.
        NotFound: One of the things it names is none that `who` may know of.
        Forbidden: Neither the thing that joins nor the benchmark is the caller's to decide for.
        SignInNeeded: The committee asks somebody to join, without a fresh sign-in.
        Conflict: Benchmark or dataset are not ready, an open association is there, or the committee asks
            somebody to join where two of it must agree.
    """
    if (wanted.dataset_id is None) == (wanted.model_id is None):
        raise InvalidInput("needed exactly one of dataset_id and model_id, found both or neither")
    benchmark = benchmarks.find(session, who, wanted.benchmark_id)
    joins = _find_joining(session, who, wanted)
    if not _joins_its_own(session, who, wanted):
        _need_host(session, who, benchmark)
    _need_ready(joins, benchmark)
    benchmarks.need_approved(benchmark)
    _check_none_open(session, wanted)
    return as_association(ask_side(session, who, benchmark, wanted))


def ask_side(
    session: Session,
    who: Principal,
    benchmark: BenchmarkRow,
    wanted: AssociationIn,
    *,
    priority: int = 0,
) -> AssociationRow:
    """A new association, which the other side than the caller's decides on.

    Who belongs to both sides is taken for the one that joins.
    """
    joins_id = owner_of(session, wanted)
    invited = not _joins_its_own(session, who, wanted)
    asked = wanted.model_dump(include=set(AssociationIn.model_fields))
    row = AssociationRow(requested_by=who.user_id, priority=priority, **asked)
    created(session, who, "association.request", row)
    proposal = benchmarks.proposal_of(benchmark)
    two_people = proposal.two_people.required and not invited
    approval = ApprovalRow(
        kind=ApprovalKind.ASSOCIATION,
        subject_id=row.key,
        benchmark_id=benchmark.key,
        dataset_id=wanted.dataset_id,
        model_id=wanted.model_id,
        shown_sha256=sha256_json(association_document(wanted, proposal)),
        role=_inviters_role(wanted) if invited else approvals.COMMITTEE,
        organisation_id=joins_id if invited else benchmark.organisation_id,
        needed=2 if two_people else 1,
        two_organisations=two_people and proposal.two_people.organisations,
        requested_by=who.user_id,
        deadline=who.at + timedelta(seconds=proposal.association_deadline_s),
    )
    rule = None if invited else _rule(wanted, benchmark, joins_id)
    approvals.ask(session, who, approval, about=row, rule=rule)
    return row


def list_associations(
    session: Session, who: Principal, window: Window, *, wanted: Wanted, latest: bool = False
) -> Page[Association]:
    """The associations that `who` may know of whose columns have the `wanted` values.

    With `latest` only the one of each pair that is in force.
    """
    statement = select(AssociationRow).where(visible_to(who))
    if latest:
        newest = select(func.max(AssociationRow.id)).group_by(
            col(AssociationRow.benchmark_id),
            col(AssociationRow.dataset_id),
            col(AssociationRow.model_id),
        )
        statement = statement.where(col(AssociationRow.id).in_(newest))
    return page(
        session,
        statement,
        AssociationRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_association,
    )


def read(session: Session, who: Principal, association_id: int) -> Association:
    """One association."""
    return as_association(find(session, who, association_id))


def find(session: Session, who: Principal, association_id: int) -> AssociationRow:
    """An association.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, AssociationRow, association_id, visible_to(who), "association")


def wish_of(row: AssociationRow) -> AssociationIn:
    """What was asked for."""
    return AssociationIn.model_validate(row, from_attributes=True)


def as_association(row: AssociationRow) -> Association:
    """The record of a row."""
    return Association.model_validate(row, from_attributes=True)


def _need_host(session: Session, who: Principal, benchmark: BenchmarkRow) -> None:
    """Pass if `who` may ask others to join, which is the committee's decision already."""
    if not who.may(Role.DECIDER, benchmark.organisation_id):
        found = "what would join is somebody else's"
        raise Forbidden(f"{found}, needed its owner or a decider of the benchmark's committee")
    approvals.need_fresh(session, who, benchmark.organisation_id)
    if benchmarks.proposal_of(benchmark).two_people.required:
        found = f"two people decide who joins benchmark {benchmark.key}"
        raise Conflict(f"{found}, needed its owner to ask; then the two decide")


def _find_joining(session: Session, who: Principal, wanted: AssociationIn) -> DatasetRow | CubeRow:
    if wanted.dataset_id is not None:
        return datasets.find(session, who, wanted.dataset_id)
    return cubes.find_kind(session, who, wanted.model_id or 0, CubeKind.MODEL)


def _need_ready(joins: DatasetRow | CubeRow, benchmark: BenchmarkRow) -> None:
    if isinstance(joins, DatasetRow):
        datasets.need_operation(joins, benchmark)
    else:
        cubes.need_operation(joins)


def owner_of(session: Session, wanted: AssociationIn) -> int:
    """The organisation of what joins."""
    if wanted.dataset_id is not None:
        return session.get_one(DatasetRow, wanted.dataset_id).organisation_id
    return session.get_one(CubeRow, wanted.model_id).organisation_id


def _joins_its_own(session: Session, who: Principal, wanted: AssociationIn) -> bool:
    """Whether what joins is `who`'s to register and work with."""
    if wanted.dataset_id is None:
        return who.may(Role.MEMBER, owner_of(session, wanted))
    dataset = session.get_one(DatasetRow, wanted.dataset_id)
    return who.may(Role.MEMBER, dataset.organisation_id, site=dataset.site)


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


def _rule(wanted: AssociationIn, benchmark: BenchmarkRow, joins_id: int) -> str | None:
    """The rule that approves at once, by name; None if a person must."""
    if benchmark.organisation_id == joins_id:
        return "same owner v1"
    proposal = benchmarks.proposal_of(benchmark)
    side, auto = "datasets", proposal.datasets
    if wanted.model_id is not None:
        side, auto = "models", proposal.models
    listed = auto.mode is AutoApprovalMode.ALLOWLIST and joins_id in auto.allow
    if listed or auto.mode is AutoApprovalMode.ALWAYS:
        return f"{side}={auto.mode} v1"
    return None


def _inviters_role(wanted: AssociationIn) -> str:
    return approvals.DATA_OWNER if wanted.model_id is None else approvals.MODEL_OWNER
