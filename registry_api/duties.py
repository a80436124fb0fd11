"""The registry's duties beside its requests: end what is due, tell Prefect, seal the audit log, forget.

One process of all that share the database does them at a time. A write wakes them in its own process, and
the tick in every other.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self

import httpx
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from registry_api.deadlines import end_due
from registry_api.deliverer import deliver_all
from registry_api.manners import metrics
from registry_api.prefect_api import PrefectApi
from registry_api.services import answers, audit, outbox, sign_ins
from registry_api.settings import RegistrySettings
from registry_api.storage.database import Database
from rounds.errors import RoundsError
from rounds.records.service import NoticeStatus

BETWEEN_CLEANINGS = timedelta(hours=1)

_log = logging.getLogger(__name__)


class Duties:
    """Does them while its `with` block is open."""

    def __init__(
        self, database: Database, *, settings: RegistrySettings, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._prefect = PrefectApi(settings.prefect_api_url) if settings.prefect_api_url else None
        self._cleaned: datetime | None = None
        self._awake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="duties", daemon=True)

    @property
    def are_alive(self) -> bool:
        """Whether its thread runs: an error that nobody thought of ends it."""
        return self._thread.is_alive()

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
        self._ending.set()
        self._awake.set()
        self._thread.join()
        if self._prefect is not None:
            self._prefect.close()

    def run_round(self) -> None:
        """Do what is there to be done now, if no other process is at it."""
        now = self._clock()
        with self._database.leading() as leads:
            if not leads:
                return
            end_due(self._database, now)
            self._seal()
            if self._prefect is not None:
                deliver_all(self._database, self._prefect, now, is_ending=self._ending.is_set)
            if self._cleaned is None or now - self._cleaned >= BETWEEN_CLEANINGS:
                self._cleaned = now
                self._database.write(partial(_forget, now=now), leads=True)

    def _work(self) -> None:
        while not self._ending.is_set():
            self._awake.clear()
            try:
                self.run_round()
            except (SQLAlchemyError, RoundsError, OSError, httpx.HTTPError):
                _log.exception("the duties could not be done; trying again")
            self._ending.wait(self._settings.breath_s)
            self._awake.wait(self._settings.tick_s)

    def _seal(self) -> None:
        with self._database.reading() as session:
            unsealed = audit.count_unsealed(session)
            metrics.outbox_waiting(outbox.count(session, NoticeStatus.WAITING))
            metrics.outbox_dead(outbox.count(session, NoticeStatus.DEAD))
        while unsealed and not self._ending.is_set():
            unsealed -= max(self._database.write(audit.seal, leads=True), 1)
            unsealed = max(unsealed, 0)
        metrics.audit_unsealed(unsealed)


def _forget(session: Session, *, now: datetime) -> None:
    answers.forget_old(session, now)
    sign_ins.forget_old(session, now)
