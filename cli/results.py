"""`rounds cell`, `execution`, `result` and `publication`: what was run, released and published."""

from typing import Annotated

import typer

from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.sending import need_yes
from cli.sessions import freshly, visit
from cli.settings import signed_in, typed
from cli.tables import Column, Json, show_one
from rounds.records.executions import (
    Cell,
    Execution,
    ExecutionStatus,
    Result,
    ResultStatus,
    Withdrawal,
)
from rounds.records.leaderboards import Publication

cells = typer.Typer(no_args_is_help=True)
executions = typer.Typer(no_args_is_help=True)
results = typer.Typer(no_args_is_help=True)
publications = typer.Typer(no_args_is_help=True)

add_list(
    cells,
    Listing(
        record=Cell,
        path="/cells",
        says="The cells that you may know of, the highest priority first.",
        columns=(
            Column("benchmark_id", "benchmark"),
            Column("dataset_id", "dataset"),
            Column("site"),
            Column("model_id"),
            Column("model"),
            Column("priority"),
            Column("status"),
            Column("partial"),
            Column("reason"),
            Column("crash.place", "crashed at"),
            Column("outstanding"),
        ),
        filters={
            "site": str,
            "benchmark_id": int,
            "dataset_id": int,
            "model_id": int,
            "status": ExecutionStatus,
        },
    ),
)
add_list(
    executions,
    Listing(
        record=Execution,
        path="/executions",
        says="The executions on your datasets, and of your benchmarks.",
        columns=(
            Column("id"),
            Column("benchmark_id", "benchmark"),
            Column("dataset_id", "dataset"),
            Column("model_id", "model"),
            Column("attempt"),
            Column("status"),
            Column("code"),
            Column("crash.place", "crashed at"),
            Column("deadline"),
        ),
        filters={
            "benchmark_id": int,
            "dataset_id": int,
            "model_id": int,
            "status": ExecutionStatus,
        },
    ),
)
add_list(
    results,
    Listing(
        record=Result,
        path="/results",
        says="Results, as far as you may see them. Those of your datasets are all shown.",
        columns=(
            Column("id"),
            Column("execution_id", "execution"),
            Column("benchmark_id", "benchmark"),
            Column("dataset_id", "dataset"),
            Column("model_id", "model"),
            Column("n_cases", "cases"),
            Column("partial"),
            Column("status"),
            Column("received_at", "received"),
        ),
        filters={
            "benchmark_id": int,
            "dataset_id": int,
            "model_id": int,
            "execution_id": int,
            "status": ResultStatus,
        },
    ),
)
add_list(
    publications,
    Listing(
        record=Publication,
        path="/publications",
        says="Everything that was published; needs no sign-in.",
        columns=(
            Column("id"),
            Column("benchmark_id", "benchmark"),
            Column("published_at", "published"),
            Column("sha256"),
        ),
        filters={"benchmark_id": int},
        needs_sign_in=False,
    ),
)


@executions.command("show")
def show_execution(execution_id: int, *, as_json: Json = False) -> None:
    """One execution."""
    show_one(signed_in().execution(execution_id), as_json=as_json)


@results.command("show")
def show_result(result_id: int, *, as_json: Json = False) -> None:
    """One result."""
    show_one(signed_in().result(result_id), as_json=as_json)


@results.command()
def withdraw(
    result_id: int,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept with it.")],
    yes: Yes = False,
) -> None:
    """Have a result of your data count no more. It is kept, with the reason."""
    wanted = typed(Withdrawal, reason=reason)
    need_yes(wanted, f"Withdraw result {result_id}?", yes=yes)
    gone = freshly(lambda registry: registry.withdraw_result(result_id, reason))
    typer.echo(f"result {gone.id} is {gone.status}")


@publications.command("show")
def show_publication(publication_id: int, *, as_json: Json = False) -> None:
    """Something that was published; needs no sign-in."""
    show_one(visit().publication(publication_id), as_json=as_json)
