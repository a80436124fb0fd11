"""Runs that sleep on an approval: who may say so, and who is woken by whom.

A site's run sleeps on a release and is woken by the site's own `sync`. The hub's sleeps on anything else,
for the benchmark's committee, and is woken by the registry.
"""

from sqlmodel import Session

from registry_api.auth import Principal
from registry_api.models import ApprovalRow, BenchmarkRow
from registry_api.services import approvals, notices
from registry_api.services.audit import changed
from registry_api.services.outcomes import RELEASES
from rounds.errors import Forbidden
from rounds.records.approvals import Approval, ApprovalStatus, Suspension
from rounds.records.people import Role


def suspend(session: Session, who: Principal, approval_id: int, suspension: Suspension) -> Approval:
    """The approval, with a run asleep on it; if it is decided already, the run is woken at once.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: No run of `who` may sleep on it.
    """
    row = approvals.find(session, who, approval_id)
    _need_sleeper(session, who, row, run_id=suspension.flow_run_id)
    with changed(session, who, "approval.suspend", row):
        row.suspended = True
        row.flow_run_id = suspension.flow_run_id
    if row.status != ApprovalStatus.PENDING:
        notices.approval_decided(session, row, who.at)
    return approvals.as_approval(row)


def end_suspension(session: Session, who: Principal, approval_id: int) -> Approval:
    """The approval, with no run asleep on it any more.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: No run of `who` may sleep on it.
    """
    row = approvals.find(session, who, approval_id)
    _need_sleeper(session, who, row, run_id=row.flow_run_id)
    if row.suspended:
        with changed(session, who, "approval.wake", row):
            row.suspended = False
    return approvals.as_approval(row)


def _need_sleeper(
    session: Session, who: Principal, row: ApprovalRow, *, run_id: str | None
) -> None:
    if row.kind in RELEASES and run_id is None:
        who.need_in(Role.MEMBER, row.organisation_id, f"approval {row.key}", site=row.site)
        return
    benchmark = session.get(BenchmarkRow, row.benchmark_id) if row.benchmark_id else None
    if who.is_admin or (benchmark is not None and who.may(Role.MEMBER, benchmark.organisation_id)):
        return
    message = f"approval {row.key} wakes runs of its committee's hub"
    raise Forbidden(f"{message}, needed no flow_run_id; a site's own sync wakes the site's")
