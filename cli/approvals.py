"""`rounds approval`: see exactly what would be decided, and decide it."""

from typing import Annotated, Final

import typer

from cli.deciding import Answer, agreed_decision, decide, stands
from cli.lists import Listing, add_list
from cli.options import Reason
from cli.prompts import Yes
from cli.sending import ask, need_yes
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.shown import ShownApproval, look
from cli.tables import Column, Json, show_one
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    Decision,
    Delegation,
    Extension,
)
from rounds.records.executions import Withdrawal

app = typer.Typer(no_args_is_help=True)
DAY_S: Final = 24 * 3600
HoldBack = Annotated[list[int] | None, typer.Option(help="An execution to keep home; repeatable.")]
COLUMNS: Final = (
    Column("id"),
    Column("kind"),
    Column("subject_id", "of"),
    Column("benchmark_id", "benchmark"),
    Column("site"),
    Column("status"),
    Column("role", "for"),
    Column("deadline"),
)

add_list(
    app,
    Listing(
        record=Approval,
        path="/approvals",
        says="The approvals that you may know of.",
        columns=COLUMNS,
        filters={
            "status": ApprovalStatus,
            "kind": ApprovalKind,
            "site": str,
            "benchmark_id": int,
            "open": bool,
            "mine": bool,
        },
    ),
)


@app.command()
def show(approval_id: int, *, as_json: Json = False) -> None:
    """One approval and what it is about. At the site: the very bytes that would leave."""
    with signed_in() as registry:
        approval = registry.approval(approval_id)
        shown = look(registry, approval)
    if as_json:
        view = ShownApproval(approval=approval, matches=shown.matches, shown=shown.documents)
        show_one(view, as_json=True)
    else:
        show_one(approval, as_json=False)
        typer.echo("\n".join(("", *shown.lines)))
    if not shown.matches:
        typer.echo(
            "what is shown is not what shown_sha256 names: changed since, or not by rules", err=True
        )


@app.command()
def approve(
    approval_id: int,
    *,
    reason: Reason = "",
    hold_back: HoldBack = None,
    yes: Yes = False,
) -> None:
    """See exactly what would be granted, be asked, and grant it."""
    held = tuple(hold_back or ())
    answer = Answer(decision=Decision.GRANT, reason=reason, held_back=held)
    decide(approval_id, answer, yes=yes)


@app.command()
def reject(approval_id: int, *, reason: Reason = "", yes: Yes = False) -> None:
    """See what is asked for, be asked, and refuse it."""
    decide(approval_id, Answer(decision=Decision.REFUSE, reason=reason), yes=yes)


@app.command()
def code(
    approval_id: int,
    *,
    refuse: Annotated[bool, typer.Option("--refuse", help="A code that refuses.")] = False,
    reason: Reason = "",
    hold_back: HoldBack = None,
    yes: Yes = False,
) -> None:
    """A one-time code for Prefect's Resume form. Typed there it makes this decision."""
    answer = Answer(
        decision=Decision.REFUSE if refuse else Decision.GRANT,
        reason=reason,
        held_back=tuple(hold_back or ()),
    )
    wanted = agreed_decision(approval_id, answer, yes=yes)
    minted = freshly(lambda registry: registry.mint_code(approval_id, wanted))
    typer.echo(f"{minted.code}\tgood until {minted.expires_at:%H:%M} UTC, once")


@app.command()
def revoke(approval_id: int, *, yes: Yes = False) -> None:
    """Take a granted approval back for all that has not left yet."""
    ask(f"Revoke approval {approval_id}?", yes=yes)
    typer.echo(stands(freshly(lambda registry: registry.revoke_approval(approval_id))))


@app.command()
def extend(
    approval_id: int,
    days: Annotated[int, typer.Argument(min=1, max=366, help="From now on.")],
    *,
    yes: Yes = False,
) -> None:
    """Give it a later deadline."""
    wanted = Extension(deadline_s=days * DAY_S)
    need_yes(wanted, f"Extend approval {approval_id}?", yes=yes)
    later = freshly(lambda registry: registry.extend(approval_id, wanted.deadline_s))
    typer.echo(f"{stands(later)}, until {later.deadline:%Y-%m-%d %H:%M} UTC")


@app.command()
def withdraw(
    approval_id: int,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with it.")],
    yes: Yes = False,
) -> None:
    """Take back what you, or yours, asked for."""
    wanted = typed(Withdrawal, reason=reason)
    need_yes(wanted, f"Withdraw approval {approval_id}?", yes=yes)
    gone = freshly(lambda registry: registry.withdraw_approval(approval_id, reason))
    typer.echo(stands(gone))


@app.command()
def delegate(
    approval_id: int,
    user_id: Annotated[int, typer.Argument(help="Who may see and decide it too.")],
    *,
    yes: Yes = False,
) -> None:
    """Have somebody else decide it, beside those whose duty it is."""
    wanted = typed(Delegation, user_id=user_id)
    need_yes(wanted, f"Let user {user_id} decide approval {approval_id}?", yes=yes)
    freshly(lambda registry: registry.delegate(approval_id, user_id))
    typer.echo(f"user {user_id} may decide approval {approval_id}")
