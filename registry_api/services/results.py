"""Results: what executions released. Their scores never change; they are superseded or withdrawn."""

from sqlalchemy import JSON, ColumnElement, and_, or_, true, type_coerce
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry_api.auth import Principal
from registry_api.models import BenchmarkRow, CellRow, DatasetRow, ExecutionRow, ResultRow
from registry_api.services.audit import changed
from registry_api.services.names import check_texts
from registry_api.services.outcomes import move_execution, void_publications
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import own_benchmarks, own_datasets, own_models, takes_part
from rounds.records.base import Page
from rounds.records.executions import ExecutionStatus, Result, ResultStatus, Withdrawal
from rounds.records.people import Role
from rounds.transitions import RESULT, move

SORTABLE = ("id", "received_at", "n_cases", "status")


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The results that `who` may know of: of one's own datasets, and what each sharing policy shows beside.

    It shows those of joined cells alone: who left, or has not agreed to changed terms yet, shares nothing.
    """
    if who.is_admin:
        return true()
    own = col(ResultRow.dataset_id).in_(own_datasets(who))
    if who.site is not None:
        return own
    benchmark = col(ResultRow.benchmark_id)
    shared = or_(
        and_(benchmark.in_(own_benchmarks(who)), benchmark.in_(_shared_with("committee"))),
        and_(
            col(ResultRow.model_id).in_(own_models(who)), benchmark.in_(_shared_with("model_owner"))
        ),
        and_(takes_part(who, benchmark), benchmark.in_(_shared_with("participants"))),
    )
    return or_(own, and_(_is_joined(), shared))


def list_results(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Result]:
    """The results that `who` may know of whose columns have the `wanted` values."""
    return page(
        session,
        select(ResultRow).where(visible_to(who)),
        ResultRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_result,
    )


def read(session: Session, who: Principal, result_id: int) -> Result:
    """One result."""
    return as_result(find(session, who, result_id))


def find(session: Session, who: Principal, result_id: int) -> ResultRow:
    """A result.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, ResultRow, result_id, visible_to(who), "result")


def withdraw(session: Session, who: Principal, result_id: int, withdrawal: Withdrawal) -> Result:
    """The result, WITHDRAWN by its data owner: it counts no more, and is kept with the reason.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The dataset is somebody else's.
        Conflict: It is superseded or withdrawn already.
    """
    row = find(session, who, result_id)
    dataset = session.get_one(DatasetRow, row.dataset_id)
    what = f"result {result_id}"
    who.need_in(Role.DECIDER, dataset.organisation_id, what, site=dataset.site)
    check_texts(withdrawal)
    with changed(session, who, "result.withdraw", row):
        row.status = move(RESULT, ResultStatus(row.status), ResultStatus.WITHDRAWN)
        row.reason = withdrawal.reason
    execution = session.get_one(ExecutionRow, row.execution_id)
    move_execution(session, who, execution, ExecutionStatus.WITHDRAWN)
    void_publications(session, who, row.benchmark_id, "a result was withdrawn")
    return as_result(row)


def supersede(session: Session, who: Principal, newer: ExecutionRow) -> None:
    """Have the cell's result in force, and its execution, make way for that of a newer attempt, if there is one."""
    if newer.attempt == 1:
        return
    result = session.exec(
        select(ResultRow)
        .where(ResultRow.benchmark_id == newer.benchmark_id)
        .where(ResultRow.dataset_id == newer.dataset_id)
        .where(ResultRow.model_id == newer.model_id)
        .where(ResultRow.status == ResultStatus.IN_FORCE)
    ).first()
    if result is None:
        return
    execution = session.get_one(ExecutionRow, result.execution_id)
    move_execution(session, who, execution, ExecutionStatus.SUPERSEDED)
    with changed(session, who, "result.superseded", result):
        result.status = move(RESULT, ResultStatus(result.status), ResultStatus.SUPERSEDED)
    void_publications(session, who, result.benchmark_id, "a result was superseded")


def as_result(row: ResultRow) -> Result:
    """The record of a row."""
    return Result.model_validate(row, from_attributes=True)


def _is_joined() -> ColumnElement[bool]:
    """Whether data owner and model owner agreed to the policy in force: their cell is joined."""
    return (
        select(CellRow.id)
        .where(CellRow.benchmark_id == ResultRow.benchmark_id)
        .where(CellRow.dataset_id == ResultRow.dataset_id)
        .where(CellRow.model_id == ResultRow.model_id)
        .where(col(CellRow.is_joined))
        .exists()
    )


def _shared_with(audience: str) -> SelectOfScalar[int | None]:
    """The benchmarks whose policy shows the scores of each site to an audience."""
    body = type_coerce(col(BenchmarkRow.body), JSON)
    return select(col(BenchmarkRow.id)).where(body[("sharing", "per_site", audience)].as_boolean())
