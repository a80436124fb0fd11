"""/audit."""

from fastapi import APIRouter

from registry_api.deps import TheCall, TheWindow
from registry_api.services import audit
from rounds.records.base import Page
from rounds.records.service import AuditEntry

router = APIRouter(tags=["audit"])


@router.get("/audit")
def list_entries(call: TheCall, window: TheWindow) -> Page[AuditEntry]:
    """Every write so far; administrators only."""
    with call.reading() as (session, who):
        return audit.list_entries(session, who, window)
