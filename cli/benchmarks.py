"""`rounds benchmark`: how a clinical question is judged, and how the models do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.associations import COLUMNS as ASSOCIATION_COLUMNS
from cli.lists import Listing, add_list
from cli.options import Document, OrganisationOption
from cli.prompts import Yes
from cli.sending import C, Change, ask, change_of, need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in
from cli.tables import Column, Json, show_list, show_one
from rounds.documents import read_document
from rounds.records.benchmarks import (
    Association,
    AssociationStatus,
    Benchmark,
    BenchmarkChange,
    BenchmarkStatus,
    MetricsCubeChange,
    PreparatorChange,
)
from rounds.records.cubes import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from rounds.client.registry import RegistryClient

app = typer.Typer(no_args_is_help=True)
LEADERBOARD: Final = (
    Column("rank"),
    Column("model"),
    Column("site"),
    Column("metric"),
    Column("score"),
    Column("variance"),
    Column("n_cases", "cases"),
    Column("status"),
    Column("reason"),
)

add_list(
    app,
    Listing(
        record=Benchmark,
        path="/benchmarks",
        says="The benchmarks that you may know of.",
        columns=(
            Column("id"),
            Column("name"),
            Column("status"),
            Column("state"),
            Column("preparator_id", "preparator"),
            Column("reference_model_id", "reference"),
            Column("metrics_id", "metrics"),
            Column("organisation_id", "organisation"),
            Column("is_active", "active"),
            Column("is_valid", "valid"),
        ),
        filters={
            "name": str,
            "status": BenchmarkStatus,
            "state": State,
            "preparator_id": int,
            "organisation_id": int,
            "is_active": bool,
            "is_valid": bool,
        },
    ),
)
add_list(
    app,
    Listing(
        record=Association,
        path="/associations",
        says="Who has joined a benchmark, or asks to.",
        columns=ASSOCIATION_COLUMNS,
        ids=("benchmark_id",),
        filters={"dataset_id": int, "model_id": int, "status": AssociationStatus, "latest": bool},
    ),
    name="associations",
)


@app.command()
def show(benchmark_id: int, *, as_json: Json = False) -> None:
    """One benchmark."""
    show_one(signed_in().benchmark(benchmark_id), as_json=as_json)


@app.command()
def submit(
    file: Document,
    *,
    report: Annotated[
        Path | None,
        typer.Option(help="What rounds test run wrote; it and its two sha256 become part of it."),
    ] = None,
    organisation: OrganisationOption = None,
    yes: Yes = False,
) -> None:
    """Propose a benchmark; an administrator decides."""
    from cli.proposals import read_proposal

    wanted = read_proposal(file, report)
    if organisation is not None:
        wanted = wanted.model_copy(update={"organisation_id": organisation})
    need_yes(wanted, "Propose this benchmark?", yes=yes)
    made = freshly(lambda registry: registry.propose_benchmark(wanted))
    typer.echo(f"benchmark {made.id} is {made.status}; approval {made.approval_id} decides")


@app.command("set")
def set_benchmark(
    benchmark_id: int,
    *,
    file: Annotated[
        Path | None, typer.Option(help="YAML with the fields that change, such as sharing.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="A new name.")] = None,
    description: Annotated[str | None, typer.Option(help="A new description.")] = None,
    docs_url: Annotated[str | None, typer.Option(help="Where it is documented.")] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--inactive", help="Whether work on it goes on.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Change a benchmark. New terms (contract, sharing, minimum) ask everyone again."""
    changed = read_document(BenchmarkChange, file) if file is not None else BenchmarkChange()
    change = change_of(
        BenchmarkChange,
        **changed.model_dump(exclude_unset=True)
        | _given(name=name, description=description, docs_url=docs_url, is_active=active),
    )
    _send(benchmark_id, change, lambda registry: registry.change_benchmark, yes=yes)


@app.command()
def operational(benchmark_id: int, *, yes: Yes = False) -> None:
    """Put a benchmark into OPERATION. From then on its terms and cubes are frozen."""
    change = BenchmarkChange(state=State.OPERATION)
    _send(benchmark_id, change, lambda registry: registry.change_benchmark, yes=yes)


@app.command()
def preparator(
    benchmark_id: int,
    cube_id: int,
    *,
    compatible: Annotated[
        bool,
        typer.Option(
            "--compatible/--incompatible", help="Whether data prepared before still counts."
        ),
    ],
    yes: Yes = False,
) -> None:
    """Take a new revision of the preparator."""
    change = PreparatorChange(preparator_id=cube_id, is_compatible=compatible)
    _send(benchmark_id, change, lambda registry: registry.change_preparator, yes=yes)


@app.command()
def metrics(benchmark_id: int, cube_id: int, *, yes: Yes = False) -> None:
    """Take a new metrics cube. What the old one scored is scored again."""
    change = MetricsCubeChange(metrics_id=cube_id)
    _send(benchmark_id, change, lambda registry: registry.change_metrics, yes=yes)


@app.command()
def leaderboard(
    benchmark_id: int,
    *,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, in full.")] = False,
    as_json: Json = False,
) -> None:
    """Every score that you may see. By site, and pooled; or why there is none."""
    found = signed_in().leaderboard(benchmark_id)
    if csv:
        from rounds.report import leaderboard_frame

        typer.echo(leaderboard_frame(found).write_csv(), nl=False)
    elif as_json:
        show_one(found, as_json=True)
    else:
        show_list(found.rows, LEADERBOARD, total=len(found.rows), as_json=False)


@app.command()
def publish(benchmark_id: int, *, yes: Yes = False) -> None:
    """Ask the committee to publish the leaderboard as it is now."""
    ask(f"Ask to publish the leaderboard of benchmark {benchmark_id} as it is now?", yes=yes)
    asked = freshly(lambda registry: registry.request_publication(benchmark_id))
    typer.echo(f"publication {asked.subject_id} waits for approval {asked.id}")


def _given(**options: object) -> dict[str, object]:
    return {name: value for name, value in options.items() if value is not None}


def _send(
    benchmark_id: int,
    change: C,
    write: "Callable[[RegistryClient], Change[C, Benchmark]]",
    *,
    yes: bool,
) -> None:
    send_change(
        "benchmark",
        benchmark_id,
        change,
        read=lambda registry: registry.benchmark,
        write=write,
        yes=yes,
    )
