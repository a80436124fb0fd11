"""/audit and /outbox, for administrators."""

from typing import Annotated

from fastapi import Query

from registry_api.deps import Id, IdFilter, TheCall, TheWindow
from registry_api.routes import routes
from registry_api.services import audit, outbox
from rounds.records.base import Page
from rounds.records.service import AuditEntry, AuditHead, Notice, NoticeStatus

router = routes("audit")
Word = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]


@router.get("/audit")
def list_entries(
    call: TheCall,
    window: TheWindow,
    *,
    action: Word = None,
    subject: Word = None,
    user_id: IdFilter = None,
) -> Page[AuditEntry]:
    """Every write so far; administrators only. Ordered by position it is the sealed chain."""
    wanted = {"action": action, "subject": subject, "user_id": user_id}
    return call.read(audit.list_entries, window, wanted=wanted)


@router.get("/audit/head")
def head(call: TheCall) -> AuditHead:
    """The sealed chain's end; administrators only."""
    return call.read(audit.head)


@router.get("/outbox")
def list_notices(
    call: TheCall, window: TheWindow, *, status: NoticeStatus | None = None, subject: Word = None
) -> Page[Notice]:
    """What Prefect is to be told; administrators only."""
    return call.read(outbox.list_notices, window, wanted={"status": status, "subject": subject})


@router.post("/outbox/{notice_id}/requeue")
def requeue(notice_id: Id, call: TheCall) -> Notice:
    """A DEAD notice, to be delivered again."""
    return call.write(outbox.requeue, notice_id)
