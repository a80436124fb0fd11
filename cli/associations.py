"""`rounds association`: what has joined a benchmark, or asks to."""

from typing import Annotated, Final

import typer

from cli.deciding import Answer, decide
from cli.lists import Listing, add_list
from cli.options import Reason
from cli.prompts import Yes
from cli.sending import need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.tables import Column, Json, show_one
from rounds.records.approvals import Decision
from rounds.records.benchmarks import Association, AssociationStatus, PriorityChange
from rounds.records.executions import Withdrawal

app = typer.Typer(no_args_is_help=True)
COLUMNS: Final = (
    Column("id"),
    Column("benchmark_id", "benchmark"),
    Column("dataset_id", "dataset"),
    Column("model_id", "model"),
    Column("status"),
    Column("priority"),
    Column("approval_id", "approval"),
)

add_list(
    app,
    Listing(
        record=Association,
        path="/associations",
        says="The associations that you may know of. The latest of a pair is in force.",
        columns=COLUMNS,
        filters={
            "benchmark_id": int,
            "dataset_id": int,
            "model_id": int,
            "status": AssociationStatus,
            "latest": bool,
        },
    ),
)


@app.command()
def show(association_id: int, *, as_json: Json = False) -> None:
    """One association."""
    show_one(signed_in().association(association_id), as_json=as_json)


@app.command()
def approve(association_id: int, *, reason: Reason = "", yes: Yes = False) -> None:
    """See exactly what would be agreed to, and let it join."""
    approval_id = signed_in().association(association_id).approval_id
    decide(approval_id, Answer(decision=Decision.GRANT, reason=reason), yes=yes)


@app.command()
def reject(association_id: int, *, reason: Reason = "", yes: Yes = False) -> None:
    """See what is asked for, and refuse it."""
    approval_id = signed_in().association(association_id).approval_id
    decide(approval_id, Answer(decision=Decision.REFUSE, reason=reason), yes=yes)


@app.command()
def revoke(
    association_id: int,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with it.")],
    yes: Yes = False,
) -> None:
    """End an association that was approved. Its outstanding work stops."""
    need_yes(typed(Withdrawal, reason=reason), f"Revoke association {association_id}?", yes=yes)
    ended = freshly(lambda registry: registry.revoke_association(association_id, reason))
    typer.echo(f"association {ended.id} is {ended.status}")


@app.command("set-priority")
def set_priority(association_id: int, priority: int, *, yes: Yes = False) -> None:
    """Have a model run sooner or later. The higher the priority, the sooner."""
    change = typed(PriorityChange, priority=priority)
    send_change(
        "association",
        association_id,
        change,
        read=lambda registry: registry.association,
        write=lambda registry: registry.set_priority,
        yes=yes,
    )
