"""The deliverer: tells Prefect what the outbox holds.

1. A row is written with the change that gives it cause, and delivered at least once, in order for each
   subject.
2. Prefect away costs a row nothing: it is tried again until Prefect is back.
3. An answer that refuses, or cannot be read, is a failure of its row and holds up no other; after
   MOST_FAILURES the row is dead, and kept for an administrator.
4. A run that is gone, or sleeps no more, ends its row. One that has said it will sleep but does not yet
   is tried again, else its wake-up would be lost.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sqlmodel import Session, col, func, select

from registry_api.auth import nobody
from registry_api.models import ApprovalRow, OutboxRow
from registry_api.prefect_api import Answer, PrefectApi, PrefectAway, PrefectUnreadable
from registry_api.services.audit import changed
from registry_api.services.notices import NoticeKind
from registry_api.storage.database import Database
from rounds.records.approvals import ApprovalStatus
from rounds.records.service import NoticeStatus
from rounds.transitions import NOTICE, move

MOST_FAILURES = 20
LONGEST_PAUSE_S = 60.0
FIRST_PAUSE_S = 0.25
ROUND = 200

_log = logging.getLogger(__name__)


def deliver_all(
    database: Database, prefect: PrefectApi, now: datetime, *, is_ending: Callable[[], bool]
) -> None:
    """Deliver what is due, the first of each subject, as far as Prefect lets it."""
    with database.reading() as session:
        rows = _first_of_each_subject(session, now)
        overtaken = {row.key for row in rows if _is_overtaken(session, row)}
    for row in rows:
        if is_ending():
            return
        try:
            done = Answer(status=NoticeStatus.GONE, said="decided already")
            answer = done if row.key in overtaken else _tell(prefect, row)
        except PrefectAway as error:
            _log.info("Prefect is away: %s", error)
            return
        database.write(partial(_settle, key=row.key, answer=answer, now=now))


def _first_of_each_subject(session: Session, now: datetime) -> list[OutboxRow]:
    firsts = (
        select(func.min(OutboxRow.id))
        .where(OutboxRow.status == NoticeStatus.WAITING)
        .group_by(col(OutboxRow.subject))
    )
    statement = (
        select(OutboxRow)
        .where(col(OutboxRow.id).in_(firsts))
        .where(col(OutboxRow.due_at) <= now)
        .order_by(col(OutboxRow.id))
        .limit(ROUND)
    )
    return list(session.exec(statement).all())


def _is_overtaken(session: Session, row: OutboxRow) -> bool:
    if row.kind != NoticeKind.START_REVIEW:
        return False
    approval = session.get_one(ApprovalRow, row.body["approval_id"])
    return approval.status != ApprovalStatus.PENDING


def _settle(session: Session, *, key: int, answer: Answer, now: datetime) -> None:
    row = session.get_one(OutboxRow, key)
    row.last_answer = answer.said
    status = answer.status
    if status is NoticeStatus.WAITING:
        row.failures += 1
        pause = min(FIRST_PAUSE_S * 2**row.failures, LONGEST_PAUSE_S)
        row.due_at = now + timedelta(seconds=pause)
        status = NoticeStatus.DEAD if row.failures >= MOST_FAILURES else status
    if row.status != status:
        row.status = move(NOTICE, NoticeStatus(row.status), status)
    if row.kind == NoticeKind.RESUME and row.status != NoticeStatus.WAITING:
        _end_suspension(session, row, now)


def _tell(prefect: PrefectApi, row: OutboxRow) -> Answer:
    try:
        return _deliver(prefect, row)
    except PrefectUnreadable as error:
        return Answer(status=NoticeStatus.WAITING, said=str(error))


def _deliver(prefect: PrefectApi, row: OutboxRow) -> Answer:
    if row.kind == NoticeKind.EVENT:
        return prefect.emit(row.body)
    if row.kind == NoticeKind.START_REVIEW:
        return prefect.start_review(int(str(row.body["approval_id"])))
    return prefect.resume(str(row.body["flow_run_id"]))


def _end_suspension(session: Session, row: OutboxRow, now: datetime) -> None:
    approval = session.get_one(ApprovalRow, row.body["approval_id"])
    if approval.flow_run_id == row.body["flow_run_id"]:
        with changed(session, nobody(now, "outbox"), "approval.wake", approval):
            approval.suspended = False
