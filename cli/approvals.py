"""`rounds inbox` and `rounds approval`: see exactly what would be decided, and decide it."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.settings import at_site, signed_in, this_site, typed

if TYPE_CHECKING:
    from rounds.records.approvals import Approval, DecisionIn

app = typer.Typer(no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="Kept with the decision.")]
Refuse = Annotated[bool, typer.Option("--refuse", help="Refuse instead of granting.")]
HoldBack = Annotated[list[int] | None, typer.Option(help="An execution to keep home; repeatable.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]


def inbox() -> None:
    """What waits for your decision."""
    from rounds.records.approvals import ApprovalStatus

    waiting = signed_in().approvals(status=ApprovalStatus.PENDING, mine=True)
    for approval in waiting:
        typer.echo(_line(approval))
    if not waiting:
        typer.echo("nothing waits for you")


@app.command()
def show(approval_id: int) -> None:
    """The approval and, at the site, the very bytes that would leave."""
    _show(signed_in().approval(approval_id))


@app.command()
def decide(
    approval_id: int,
    *,
    refuse: Refuse = False,
    reason: Reason = "",
    hold_back: HoldBack = None,
    yes: Yes = False,
) -> None:
    """Show the approval, ask, and decide."""
    registry = signed_in()
    approval = registry.approval(approval_id)
    _show(approval)
    if not yes and not _agreed(f"{'Refuse' if refuse else 'Grant'} approval {approval_id}?"):
        typer.echo(f"nothing is decided; approval {approval_id} is {approval.status}", err=True)
        raise typer.Exit(1)
    decided = registry.decide(
        approval_id, _decision(approval, refuse=refuse, reason=reason, hold_back=hold_back)
    )
    typer.echo(f"approval {decided.id} is {decided.status}")


@app.command()
def code(approval_id: int, *, refuse: Refuse = False, reason: Reason = "") -> None:
    """A one-time code: typed into Prefect's Resume form it makes this decision."""
    registry = signed_in()
    approval = registry.approval(approval_id)
    _show(approval)
    minted = registry.mint_code(
        approval_id, _decision(approval, refuse=refuse, reason=reason, hold_back=None)
    )
    typer.echo(f"{minted.code}\tgood until {minted.expires_at:%H:%M} UTC, once")


@app.command()
def revoke(approval_id: int) -> None:
    """Take a granted approval back for all that has not left yet."""
    typer.echo(f"approval {approval_id} is {signed_in().revoke_approval(approval_id).status}")


def _agreed(question: str) -> bool:
    """Whether somebody answered yes; Enter, Ctrl-C and an input that is at its end are no."""
    try:
        return typer.confirm(question)
    except typer.Abort:
        typer.echo()
        return False


def _decision(
    approval: "Approval",
    *,
    refuse: bool,
    reason: str,
    hold_back: list[int] | None,
) -> "DecisionIn":
    from rounds.records.approvals import Decision, DecisionIn

    answer: Decision = Decision.REFUSE if refuse else Decision.GRANT
    return typed(
        DecisionIn,
        decision=answer,
        shown_sha256=approval.shown_sha256,
        reason=reason,
        held_back=tuple(hold_back or ()),
    )


def _show(approval: "Approval") -> None:
    typer.echo(_line(approval))
    typer.echo(f"sha256 of what is shown: {approval.shown_sha256}")
    if approval.site is None:
        return
    site = this_site() if at_site() else None
    if site is None or site.profile.name != approval.site:
        typer.echo(f"the bytes lie at {approval.site}; the same command shows them there")
        return
    for item in approval.items:
        typer.echo(f"the bytes of {item.subject_id}, sha256 {item.sha256}:")
        typer.echo(site.workspace.kept(item.sha256))


def _line(approval: "Approval") -> str:
    place = f" at {approval.site}" if approval.site else ""
    return (
        f"{approval.id}\t{approval.kind}{place}\tof {approval.subject_id}\t{approval.status}\t"
        f"for {approval.role}, until {approval.deadline:%Y-%m-%d %H:%M} UTC"
    )
