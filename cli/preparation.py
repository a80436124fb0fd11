"""`rounds dataset progress` and `done`: how far a preparation has come, and what people did for it."""

from typing import Annotated, Final

import typer

from cli.prompts import Yes, agree
from cli.settings import this_site
from cli.tables import Column, Json, show_list
from rounds.records.base import Record


class StepRow(Record):
    """A step, how many per cent of the cases are through it, and on how many people have work."""

    step: str
    through: int
    people: int


class CaseRow(Record):
    """A case, the step where it is, how it fares there, and what was said of it; `folder` where people work on it."""

    case: str
    step: str
    stands: str
    comment: str
    folder: str


STEPS: Final = (Column("step"), Column("through", "through %"), Column("people", "people's work"))
CASES: Final = (
    Column("case"),
    Column("step"),
    Column("stands"),
    Column("comment"),
    Column("folder"),
)


def progress(
    dataset_id: int,
    *,
    cases: Annotated[
        bool, typer.Option("--cases", help="Each case by name, and where people work on it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """How far a preparation at this site has come, and what people have still to do. Never leaves."""
    from rounds.preparation import desk
    from rounds.preparation.following import read_snapshot

    workspace = this_site().workspace
    found, notes = read_snapshot(workspace, dataset_id), desk.waiting(workspace, dataset_id)
    left = desk.outstanding(workspace, dataset_id).n_cases
    if not cases:
        names = [*found.through, *(step for step in left if step not in found.through)]
        rows = [
            StepRow(step=name, through=found.through.get(name, 0), people=left.get(name, 0))
            for name in names
        ]
        show_list(rows, STEPS, total=len(rows), as_json=as_json, empty="nothing was begun yet")
        _say_next(dataset_id, {note.step: note.asks for note in notes})
        return
    folders = {note.case: note for note in notes}
    listed = [
        CaseRow(
            case=case,
            step=stand.step,
            stands=stand.stand,
            comment=stand.comment,
            folder=str(folders.pop(case).folder) if case in folders else "",
        )
        for case, stand in sorted(found.cases.items())
    ] + [
        CaseRow(case="(all)", step=note.step, stands="waits", comment="", folder=str(note.folder))
        for note in folders.values()
    ]
    show_list(listed, CASES, total=len(listed), as_json=as_json, empty="no case is known yet")


def done(
    dataset_id: int,
    *,
    step: Annotated[str | None, typer.Option(help="Of this step only.")] = None,
    case: Annotated[
        list[str] | None, typer.Option(help="Of this case only; repeatable. Without: all.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Say that people's work on a dataset is done: it is taken as it lies there, and the preparation goes on."""
    from rounds.preparation import desk

    site = this_site()
    wanted = desk.waiting(site.workspace, dataset_id, step=step, cases=case or ())
    question = f"Take what lies in {len(wanted)} folders, as it is?"
    if wanted and not agree(question, yes=yes):
        typer.echo("nothing is taken", err=True)
        raise typer.Exit(1)
    taken = desk.say_done(
        site.workspace, dataset_id, site.profile.limits, step=step, cases=case or ()
    )
    typer.echo(f"{len(taken)} taken; {_goes_on(dataset_id)}")


def _goes_on(dataset_id: int) -> str:
    from httpx import HTTPError

    from flows.runs import find_run, is_asleep, wake

    try:
        run = find_run(f"prepare_dataset-{dataset_id}")
        if run is not None and is_asleep(run) and wake(run.id):
            return "the preparation goes on"
    except HTTPError:
        return "the site's next sync lets the preparation go on: Prefect cannot be asked now"
    return f"the preparation takes it up; if none runs: rounds dataset prepare {dataset_id}"


def _say_next(dataset_id: int, asks: dict[str, str]) -> None:
    for step, what in asks.items():
        typer.echo(f"{step}: {what}", err=True)
    if asks:
        message = f"where: rounds dataset progress {dataset_id} --cases; afterwards: rounds dataset done {dataset_id}"
        typer.echo(message, err=True)
