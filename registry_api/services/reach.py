"""What belongs to whom, as subqueries; the registry's own, for the `visible_to` of every noun."""

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.auth import Principal
from registry_api.models import BenchmarkRow, CubeRow, DatasetRow

Ids = SelectOfScalar[int] | SelectOfScalar[None]


def own_dataset(who: Principal) -> ColumnElement[bool]:
    """Datasets that `who` may act for: one's own, and of the token's site if it has one."""
    own = col(DatasetRow.owner_id) == who.user_id
    return own if who.site is None else and_(own, col(DatasetRow.site) == who.site)


def own_datasets(who: Principal) -> Ids:
    """The ids of the datasets that `who` may act for."""
    return select(DatasetRow.id).where(own_dataset(who))


def own_benchmarks(who: Principal) -> Ids:
    """The ids of one's own benchmarks; none for a token that is limited to a site."""
    owner = who.user_id if who.site is None else None
    return select(BenchmarkRow.id).where(BenchmarkRow.owner_id == owner)


def own_models(who: Principal) -> Ids:
    """The ids of one's own cubes; none for a token that is limited to a site."""
    owner = who.user_id if who.site is None else None
    return select(CubeRow.id).where(CubeRow.owner_id == owner)
