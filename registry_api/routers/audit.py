"""/audit and /outbox, for administrators."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from registry_api.deps import Id, IdFilter, TheCall, ThePost
from registry_api.routes import routes
from registry_api.services import audit, outbox
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.service import AuditEntry, AuditHead, Notice, NoticeStatus

router = routes("audit")
Word = Annotated[str | None, Field(max_length=100, pattern=r"^[^\x00]*$")]


class EntryQuery(ListQuery):
    """Which entries are wanted."""

    action: Word = None
    subject: Word = None
    user_id: IdFilter = None


@router.get("/audit")
def list_entries(call: TheCall, query: Annotated[EntryQuery, Query()]) -> Page[AuditEntry]:
    """Every write so far; administrators only. Ordered by position it is the sealed chain."""
    return call.read(audit.list_entries, query, wanted=query.columns())


@router.get("/audit/head")
def head(call: TheCall) -> AuditHead:
    """The sealed chain's end; administrators only."""
    return call.read(audit.head)


class NoticeQuery(ListQuery):
    """Which notices are wanted."""

    status: NoticeStatus | None = None
    subject: Word = None


@router.get("/outbox")
def list_notices(call: TheCall, query: Annotated[NoticeQuery, Query()]) -> Page[Notice]:
    """What Prefect is to be told; administrators only."""
    return call.read(outbox.list_notices, query, wanted=query.columns())


@router.post("/outbox/{notice_id}/requeue")
def requeue(notice_id: Id, call: ThePost) -> Notice:
    """A DEAD notice, to be delivered again."""
    return call.write(outbox.requeue, notice_id)
