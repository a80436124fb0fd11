"""One decision: what it is about is shown, the question asked, and the answer sent, freshly signed in."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from cli.cells import text_of
from cli.prompts import agree
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.shown import look
from rounds.records.approvals import Approval, Decision, DecisionIn

if TYPE_CHECKING:
    from cli.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person would answer, and what they keep home."""

    decision: Decision
    reason: str = ""
    held_back: tuple[int, ...] = ()


def decide(approval_id: int, answer: Answer, *, yes: bool) -> None:
    """Decide an approval, once it was shown and agreed to.

    Raises:
        IntegrityError: What would be granted is not what the approval names.
        typer.Exit: It was not agreed to; nothing is decided.
    """
    wanted = agreed_decision(approval_id, answer, yes=yes)
    decided = freshly(lambda registry: registry.decide(approval_id, wanted))
    typer.echo(stands(decided))


def agreed_decision(approval_id: int, answer: Answer, *, yes: bool) -> DecisionIn:
    """The decision on what was shown, agreed to.

    Raises:
        As `decide`.
    """
    with signed_in() as registry:
        approval = registry.approval(approval_id)
        shown = look(registry, approval)
    _say(line_of(approval))
    for line in shown.lines:
        _say(line)
    if answer.decision is Decision.GRANT:
        shown.need_match(approval_id)
    if not agree(_question(approval, answer, shown), yes=yes):
        _say(f"nothing is decided; approval {approval_id} is {approval.status}")
        raise typer.Exit(1)
    return typed(
        DecisionIn,
        decision=answer.decision,
        shown_sha256=shown.needed,
        reason=answer.reason,
        held_back=answer.held_back,
    )


def line_of(approval: Approval) -> str:
    """An approval in one line: what it is about, whose it is to decide, and until when."""
    place = f" at {approval.site}" if approval.site else ""
    return (
        f"approval {approval.id}: {approval.kind} {approval.subject_id}{place}, {approval.status}, "
        f"for the {approval.role} until {text_of(approval.deadline)}"
    )


def stands(approval: Approval) -> str:
    """Where an approval stands, with its votes where it takes several."""
    votes = f"; {len(approval.votes)} of {approval.needed} votes" if approval.needed > 1 else ""
    return f"approval {approval.id} is {approval.status}{votes}"


def _question(approval: Approval, answer: Answer, shown: "Shown") -> str:
    verb = "Grant" if answer.decision is Decision.GRANT else "Refuse"
    unseen = "" if shown.documents else ", unseen"
    kept = ", ".join(str(number) for number in answer.held_back)
    but = f" but for {kept}" if kept else ""
    return f"{verb} approval {approval.id}{but}{unseen}?"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
