"""Release requests: a site asks its data owner to look at exact bytes before they leave."""

from datetime import timedelta

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, DatasetRow, ExecutionRow
from registry_api.services import approvals, datasets
from registry_api.services.outcomes import RELEASES, Verdict, items_of, settle, unused
from rounds.errors import Conflict, InvalidInput
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Item,
    ReleaseRequest,
)
from rounds.records.cubes import State
from rounds.records.datasets import ReleaseRule
from rounds.records.executions import ExecutionStatus
from rounds.records.releases import items_digest


def request(session: Session, who: Principal, wanted: ReleaseRequest) -> Approval:
    """The approval to wait for; asked again for the same bytes, the same one while it is live.

    A live request that overlaps and was not granted for the same bytes goes VOID.

    Raises:
        NotFound: There is no such dataset that `who` may know of.
        Forbidden: It is somebody else's.
        InvalidInput: The kind is no release, the items are wrong, or the sha256 is not theirs.
        Conflict: An item is not a scored execution with these bytes, or is granted already.
    """
    dataset = datasets.find_own(session, who, wanted.dataset_id)
    _check_items(wanted)
    live = _live(session, wanted)
    for row in live:
        if row.shown_sha256 == wanted.shown_sha256:
            return approvals.as_approval(row)
    _check_subjects(session, dataset, wanted)
    _void_overlapping(session, who, live, wanted)
    row = ApprovalRow(
        kind=wanted.kind,
        subject_id=dataset.key,
        dataset_id=dataset.key,
        site=dataset.site,
        shown_sha256=wanted.shown_sha256,
        items=[item.model_dump() for item in wanted.items],
        role=approvals.DATA_OWNER,
        organisation_id=dataset.organisation_id,
        requested_by=who.user_id,
        deadline=who.at + timedelta(seconds=wanted.deadline_s),
    )
    approvals.ask(session, who, row, rule=_rule(dataset, wanted.kind))
    return approvals.as_approval(row)


def void_for(session: Session, who: Principal, execution: ExecutionRow) -> None:
    """Make VOID every live approval that covers an execution whose bytes have changed."""
    statement = select(ApprovalRow).where(ApprovalRow.dataset_id == execution.dataset_id)
    for row in session.exec(statement.where(ApprovalRow.is_open)).all():
        if row.kind == ApprovalKind.RESULTS and execution.id in unused(row):
            settle(session, who, row, Verdict(status=ApprovalStatus.VOID, reason="other bytes"))


def _check_items(wanted: ReleaseRequest) -> None:
    if wanted.kind not in RELEASES:
        raise InvalidInput(f"found kind {wanted.kind}, needed one of {', '.join(sorted(RELEASES))}")
    subjects = [item.subject_id for item in wanted.items]
    if len(subjects) != len(set(subjects)):
        raise InvalidInput("the request names something twice, needed each item once")
    if wanted.kind is ApprovalKind.STATISTICS and subjects != [wanted.dataset_id]:
        raise InvalidInput("statistics are released for their own dataset, needed it as only item")
    if items_digest(wanted.items) != wanted.shown_sha256:
        raise InvalidInput("shown_sha256 is not that of the items, needed rounds' items_digest")


def _check_subjects(session: Session, dataset: DatasetRow, wanted: ReleaseRequest) -> None:
    if wanted.kind is ApprovalKind.STATISTICS:
        if dataset.state != State.DEVELOPMENT:
            message = f"dataset {dataset.key} is in {dataset.state}, its statistics were released"
            raise Conflict(message)
        return
    subjects = [item.subject_id for item in wanted.items]
    rows = session.exec(select(ExecutionRow).where(col(ExecutionRow.id).in_(subjects))).all()
    scored = {
        Item(subject_id=row.key, sha256=row.sha256)
        for row in rows
        if row.dataset_id == dataset.id
        and row.status == ExecutionStatus.SCORED
        and row.sha256 is not None
    }
    for item in wanted.items:
        if item not in scored:
            message = f"execution {item.subject_id} is not one of dataset {dataset.key}"
            raise Conflict(f"{message} that is SCORED with these bytes; score it first")


def _live(session: Session, wanted: ReleaseRequest) -> list[ApprovalRow]:
    statement = (
        select(ApprovalRow)
        .where(ApprovalRow.dataset_id == wanted.dataset_id)
        .where(ApprovalRow.kind == wanted.kind)
        .where(ApprovalRow.is_open)
    )
    return list(session.exec(statement).all())


def _void_overlapping(
    session: Session, who: Principal, live: list[ApprovalRow], wanted: ReleaseRequest
) -> None:
    subjects = {item.subject_id for item in wanted.items}
    for row in live:
        shared = subjects & unused(row)
        same = {item.subject_id for item in wanted.items if item in items_of(row)}
        if row.status == ApprovalStatus.GRANTED and shared & same:
            raise Conflict(f"approval {row.key} is GRANTED for some of this; submit under it first")
        if shared:
            settle(session, who, row, Verdict(status=ApprovalStatus.VOID, reason="asked anew"))


def _rule(dataset: DatasetRow, kind: ApprovalKind) -> str | None:
    """The data owner's own rule that releases at once, by name; None if a person must look."""
    field = "statistics_release" if kind is ApprovalKind.STATISTICS else "results_release"
    return f"{field}=always v1" if dataset.body[field] == ReleaseRule.ALWAYS else None
