"""Executions: attempts at cells, as they are seen and found."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, bindparam, or_, true
from sqlalchemy import select as select_rows
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import (
    ApprovalRow,
    AssociationRow,
    BenchmarkRow,
    CellRow,
    DatasetRow,
    Document,
    ExecutionRow,
)
from registry_api.services import cells
from registry_api.services.paging import Wanted, Window, one, page
from registry_api.services.reach import own_benchmarks, own_datasets
from rounds.errors import Conflict, NotFound
from rounds.records.base import Page
from rounds.records.benchmarks import AssociationStatus
from rounds.records.executions import (
    Execution,
    Fenced,
)
from rounds.records.people import Role

SORTABLE = ("id", "deadline")
KEY = ("benchmark_id", "dataset_id", "model_id")
# Every step of an attempt asks it: built once, whoever asks.
WORK = (
    select_rows(
        ExecutionRow,
        ApprovalRow,
        col(BenchmarkRow.body),
        col(CellRow.execution_id),
        col(CellRow.is_joined),
        col(DatasetRow.organisation_id),
        col(DatasetRow.site),
        col(BenchmarkRow.organisation_id),
    )
    .select_from(ExecutionRow)
    .join(DatasetRow, col(ExecutionRow.dataset_id) == col(DatasetRow.id))
    .join(BenchmarkRow, col(ExecutionRow.benchmark_id) == col(BenchmarkRow.id))
    .join(CellRow, and_(*(getattr(CellRow, key) == getattr(ExecutionRow, key) for key in KEY)))
    .outerjoin(ApprovalRow, col(ApprovalRow.id) == bindparam("approval_id"))
    .where(col(ExecutionRow.id) == bindparam("execution_id"))
)


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The executions that `who` may know of: on one's own datasets, and of one's own benchmarks."""
    if who.is_admin:
        return true()
    return or_(
        col(ExecutionRow.dataset_id).in_(own_datasets(who)),
        col(ExecutionRow.benchmark_id).in_(own_benchmarks(who)),
    )


def _is_visible(who: Principal, *, owner_id: int, site: str, committee_id: int) -> bool:
    """What `visible_to` asks the database, of an execution whose dataset and benchmark are at hand."""
    is_own = owner_id in who.roles and who.site in {None, site}
    return who.is_admin or is_own or (who.site is None and committee_id in who.roles)


def list_executions(
    session: Session, who: Principal, window: Window, *, wanted: Wanted
) -> Page[Execution]:
    """The executions that `who` may know of whose columns have the `wanted` values."""
    return page(
        session,
        select(ExecutionRow).where(visible_to(who)),
        ExecutionRow,
        window=window,
        wanted=wanted,
        sortable=SORTABLE,
        read=as_execution,
    )


def read(session: Session, who: Principal, execution_id: int) -> Execution:
    """One execution."""
    return as_execution(find(session, who, execution_id))


def find(session: Session, who: Principal, execution_id: int) -> ExecutionRow:
    """An execution.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, ExecutionRow, execution_id, visible_to(who), "execution")


@dataclass(frozen=True, slots=True)
class Work:
    """An attempt at work, the approval that was named with it, its benchmark's body, and where its cell stands.

    That is: the latest attempt at it, and whether both its sides belong to the benchmark.
    """

    execution: ExecutionRow
    approval: ApprovalRow | None
    benchmark_body: Document
    latest_id: int | None
    is_joined: bool

    def need_held(self, fenced: Fenced) -> None:
        """Pass if the attempt holds its cell by the caller's fencing token.

        Raises:
            Conflict: A later claim holds the cell.
        """
        row = self.execution
        if self.latest_id != row.id or row.fencing_token != fenced.fencing_token:
            message = f"found fencing token {fenced.fencing_token} for execution {row.key}"
            raise Conflict(f"{message}, needed the cell's current one; another claim holds it now")


def find_own(
    session: Session, who: Principal, execution_id: int, *, approval_id: int | None = None
) -> Work:
    """An execution on a dataset of one's own, with what it belongs to and the approval of that id, in one look.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The dataset is somebody else's.
    """
    named = {"execution_id": execution_id, "approval_id": approval_id}
    found = session.execute(WORK, named).first()
    if found is None:
        raise _not_found(execution_id)
    *parts, owner_id, site, committee_id = found
    if not _is_visible(who, owner_id=owner_id, site=site, committee_id=committee_id):
        raise _not_found(execution_id)
    who.need_in(Role.MEMBER, owner_id, f"execution {execution_id}", site=site)
    return Work(*parts)


def find_fenced(
    session: Session, who: Principal, execution_id: int, fenced: Fenced
) -> ExecutionRow:
    """An execution of one's own dataset, held by the caller's fencing token.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The dataset is somebody else's.
        Conflict: A later claim holds the cell.
    """
    work = find_own(session, who, execution_id)
    work.need_held(fenced)
    return work.execution


def need_joined(session: Session, benchmark_id: int, *, dataset_id: int, model_id: int) -> CellRow:
    """The cell, whose dataset and model both belong to the benchmark now; its reference model always does.

    Raises:
        Conflict: One does not, or was withdrawn.
    """
    cell = cells.find(session, (benchmark_id, dataset_id, model_id))
    if cell is not None and cell.is_joined:
        return cell
    approved = (
        select(AssociationRow.id)
        .where(AssociationRow.benchmark_id == benchmark_id)
        .where(AssociationRow.status == AssociationStatus.APPROVED)
    )
    side = f"model {model_id}"
    if session.exec(approved.where(AssociationRow.dataset_id == dataset_id)).first() is None:
        side = f"dataset {dataset_id}"
    message = f"{side} has no approved association with benchmark {benchmark_id}, or was withdrawn"
    raise Conflict(f"{message}, needed one; ask to join")


def as_execution(row: ExecutionRow) -> Execution:
    """The record of a row."""
    return Execution.model_validate(row, from_attributes=True)


def _not_found(execution_id: int) -> NotFound:
    return NotFound(f"found no execution {execution_id} that you may know of; check the id")
