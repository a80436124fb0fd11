"""The deliverer: one thread that tells Prefect what the outbox holds, and ends what is past its deadline.

1. A row is written with the change that gives it cause, and delivered at least once, in order for each
   subject.
2. Prefect away costs a row nothing: it is tried again until Prefect is back.
3. An answer that refuses is a failure; after MOST_FAILURES the row is dead and kept.
4. A run that is gone, or sleeps no more, ends its row. One that has said it will sleep but does not yet
   is tried again, else its wake-up would be lost.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, func, select

from registry_api.auth import nobody
from registry_api.database import Database
from registry_api.models import ApprovalRow, OutboxRow
from registry_api.prefect_api import Answer, PrefectApi, PrefectAway
from registry_api.services import expiry
from registry_api.services.audit import changed
from registry_api.services.notices import NoticeKind
from registry_api.settings import RegistrySettings
from rounds.records.approvals import ApprovalStatus

MOST_FAILURES = 20
LONGEST_PAUSE_S = 60.0
FIRST_PAUSE_S = 0.25
WAITING, DEAD = "waiting", "dead"

_log = logging.getLogger(__name__)


class Deliverer:
    """Delivers while its `with` block is open; a write to the database wakes it."""

    def __init__(
        self,
        database: Database,
        *,
        settings: RegistrySettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._prefect = PrefectApi(settings.prefect_api_url) if settings.prefect_api_url else None
        self._awake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)

    def __enter__(self) -> Self:
        self._database.after_write = self._awake.set
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending = True
        self._awake.set()
        self._thread.join()
        if self._prefect is not None:
            self._prefect.close()

    def run_round(self) -> None:
        """End what is past its deadline, then deliver what is due, as far as Prefect lets it."""
        now = self._clock()
        with self._database.reading() as session:
            due = expiry.is_due(session, now)
        if due:
            with self._database.writing() as session:
                expiry.sweep(session, now)
        if self._prefect is not None:
            self._deliver_all(self._prefect, now)

    def _work(self) -> None:
        while not self._ending:
            self._awake.clear()
            try:
                self.run_round()
            except SQLAlchemyError:
                _log.exception("the outbox could not be read; trying again")
            self._awake.wait(self._settings.tick_s)

    def _deliver_all(self, prefect: PrefectApi, now: datetime) -> None:
        with self._database.reading() as session:
            rows = self._first_of_each_subject(session, now)
            done = [row.key for row in rows if self._is_overtaken(session, row)]
        for row in rows:
            if self._ending:
                return
            try:
                overtaken = Answer(status="gone", said="decided already")
                answer = overtaken if row.key in done else _deliver(prefect, row)
            except PrefectAway as error:
                _log.info("Prefect is away: %s", error)
                return
            self._settle(row.key, answer, now)

    def _first_of_each_subject(self, session: Session, now: datetime) -> list[OutboxRow]:
        firsts = (
            select(func.min(OutboxRow.id))
            .where(OutboxRow.status == WAITING)
            .group_by(col(OutboxRow.subject))
        )
        statement = select(OutboxRow).where(col(OutboxRow.id).in_(firsts))
        rows = session.exec(statement.order_by(col(OutboxRow.id))).all()
        return [row for row in rows if row.due_at <= now]

    def _is_overtaken(self, session: Session, row: OutboxRow) -> bool:
        if row.kind != NoticeKind.START_REVIEW:
            return False
        approval = session.get_one(ApprovalRow, row.body["approval_id"])
        return approval.status != ApprovalStatus.PENDING

    def _settle(self, key: int, answer: Answer, now: datetime) -> None:
        with self._database.writing() as session:
            row = session.get_one(OutboxRow, key)
            row.last_answer = answer.said
            if answer.status == WAITING:
                row.failures += 1
                pause = min(FIRST_PAUSE_S * 2**row.failures, LONGEST_PAUSE_S)
                row.due_at = now + timedelta(seconds=pause)
                row.status = DEAD if row.failures >= MOST_FAILURES else WAITING
            else:
                row.status = answer.status
            if row.kind == NoticeKind.RESUME and row.status != WAITING:
                _end_suspension(session, row, now)
            session.add(row)


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
