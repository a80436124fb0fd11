"""The approval as a run: it waits for a decision in the registry, then does what was decided.

1. Awake: ask the registry every second for a short grace.
2. Asleep: suspend, holding no process, until the registry's outbox (hub) or the site's sync wakes it.
3. Waking decides nothing: the registry is asked again. No decision there, and the run sleeps on.
   A one-time code from the registry, typed into the resume form, is a decision made there first.
"""

import time
from datetime import UTC, datetime

from prefect import suspend_flow_run
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed
from pydantic import Field

from flows.guarded import site_flow
from flows.handing_on import let_out
from flows.places import this_place
from rounds.client.registry import RegistryClient
from rounds.errors import RegistryError, Unreachable
from rounds.records.approvals import Approval, ApprovalStatus, Suspension
from rounds.sites import Hub, Site
from site_profiles.models import PrefectServer

MARGIN_S = 24 * 3600
ENDED_OTHERWISE = frozenset(
    {
        ApprovalStatus.EXPIRED,
        ApprovalStatus.VOID,
        ApprovalStatus.REVOKED,
        ApprovalStatus.WITHDRAWN,
    }
)


class Form(RunInput):
    """What Prefect's Resume asks for."""

    code: str = Field(default="", description="A one-time code from `rounds approval code`.")


@site_flow
def review(approval_id: int) -> State:
    """Wait until the approval is decided; at a site, then release and submit what was granted."""
    with this_place() as place:
        approval = _decided(approval_id, place)
        if approval.status in ENDED_OTHERWISE:
            return Cancelled(message=approval.status.lower())
        if approval.status is ApprovalStatus.GRANTED and isinstance(place, Site):
            let_out(approval, place)
        return Completed(message=approval.status.lower())


def _decided(approval_id: int, place: Site | Hub) -> Approval:
    registry = place.registry
    approval = _watch(registry, approval_id, grace_s=place.profile.grace_s)
    look = 0
    while approval.status is ApprovalStatus.PENDING:
        run_id = str(flow_run.id) if isinstance(place, Hub) else None
        approval = registry.suspend(approval_id, Suspension(flow_run_id=run_id))
        if approval.status is ApprovalStatus.PENDING:
            _show_bytes(approval, place)
            form = suspend_flow_run(
                wait_for_input=Form.with_initial_data(description=_explain(approval)),
                key=f"look-{look}",
                timeout=int(_rest_s(approval)) + MARGIN_S,
            )
            look += 1
            approval = _after_waking(registry, approval_id, form.code)
    return approval


def _watch(registry: RegistryClient, approval_id: int, *, grace_s: float) -> Approval:
    until = time.monotonic() + grace_s
    approval = registry.approval(approval_id)
    while approval.status is ApprovalStatus.PENDING and time.monotonic() < until:
        time.sleep(1)
        approval = registry.approval(approval_id)
    return approval


def _after_waking(registry: RegistryClient, approval_id: int, code: str) -> Approval:
    if code:
        try:
            return registry.redeem(approval_id, code)
        except Unreachable:
            raise
        except RegistryError:
            pass
    return registry.approval(approval_id)


def _show_bytes(approval: Approval, place: Site | Hub) -> None:
    """Show what would leave in the Prefect UI, if its server is the site's own."""
    if isinstance(place, Hub) or place.profile.prefect is not PrefectServer.OWN:
        return
    drafts = [place.workspace.kept(item.sha256).decode() for item in approval.items]
    text = "\n".join(f"```json\n{draft}\n```" for draft in drafts)
    create_markdown_artifact(key=f"release-{approval.id}", markdown=text)


def _explain(approval: Approval) -> str:
    return (
        f"**Approval {approval.id}** ({approval.kind}) waits for: {approval.role}, until"
        f" {approval.deadline:%Y-%m-%d %H:%M} UTC.\n\n"
        f"Shown bytes' sha256: `{approval.shown_sha256}`\n\n"
        f"See exactly what would be decided, and decide, with `rounds approval approve {approval.id}` or"
        f" `rounds approval reject {approval.id}`. Resume alone decides nothing: the run will sleep on."
        f" To decide here, type a code from `rounds approval code {approval.id}`."
    )


def _rest_s(approval: Approval) -> float:
    return max(0.0, (approval.deadline - datetime.now(UTC)).total_seconds())
