"""What belongs to whom, as subqueries; the registry's own, for the `visible_to` of every noun."""

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CubeRow,
    DatasetRow,
    DelegateRow,
)
from rounds.records.approvals import ApprovalKind
from rounds.records.benchmarks import AssociationStatus

Ids = SelectOfScalar[int] | SelectOfScalar[None]


def own_dataset(who: Principal) -> ColumnElement[bool]:
    """Datasets of one's organisations, and of the token's site if it has one."""
    own = col(DatasetRow.organisation_id).in_(who.organisations)
    return own if who.site is None else and_(own, col(DatasetRow.site) == who.site)


def own_datasets(who: Principal) -> Ids:
    """The ids of the datasets of one's organisations."""
    return select(DatasetRow.id).where(own_dataset(who))


def own_benchmarks(who: Principal) -> Ids:
    """The ids of the benchmarks of one's organisations; none for a token that is limited to a site."""
    own = who.organisations if who.site is None else ()
    return select(BenchmarkRow.id).where(col(BenchmarkRow.organisation_id).in_(own))


def own_models(who: Principal) -> Ids:
    """The ids of the cubes of one's organisations; none for a token that is limited to a site."""
    own = who.organisations if who.site is None else ()
    return select(CubeRow.id).where(col(CubeRow.organisation_id).in_(own))


def takes_part(
    who: Principal, benchmark_id: Mapped[int] | Mapped[int | None]
) -> ColumnElement[bool]:
    """Whether a dataset or a model of one's organisations was let into a benchmark."""
    joined = (
        select(AssociationRow.benchmark_id)
        .where(AssociationRow.status == AssociationStatus.APPROVED)
        .where(
            or_(
                col(AssociationRow.dataset_id).in_(own_datasets(who)),
                col(AssociationRow.model_id).in_(own_models(who)),
            )
        )
    )
    return benchmark_id.in_(joined)


def delegated(who: Principal, kind: ApprovalKind) -> Ids:
    """The ids of what others handed on to oneself to decide, of a kind of approval."""
    person = who.user_id if who.site is None else None
    return (
        select(ApprovalRow.subject_id)
        .join(DelegateRow, col(DelegateRow.approval_id) == col(ApprovalRow.id))
        .where(ApprovalRow.kind == kind)
        .where(DelegateRow.user_id == person)
    )
