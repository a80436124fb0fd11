"""`rounds inbox`: what is yours to decide, accept or do."""

from typing import Final

import typer

from cli.approvals import COLUMNS
from cli.cells import printable
from cli.places import Place, places_of
from cli.settings import at_site, signed_in, this_site
from cli.tables import Json, show_list, show_one
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.records.base import Record

app = typer.Typer()
SHOWN: Final = tuple(column for column in COLUMNS if column.field != "status")


class Work(Record):
    """A dataset of this site whose preparation waits for people: on how many cases, by step."""

    dataset_id: int
    n_cases: dict[str, int]


class Inbox(Record):
    """What waits for somebody."""

    approvals: tuple[Approval, ...]
    places: tuple[Place, ...]
    work: tuple[Work, ...]


@app.command()
def inbox(*, as_json: Json = False) -> None:
    """What waits for you: approvals to decide, places that were offered to you, and at a site people's work on its data."""
    with signed_in() as registry:
        waiting = registry.approvals(status=ApprovalStatus.PENDING, mine=True)
        offered = [place for place in places_of(registry) if not place.is_accepted]
    work = _work()
    if as_json:
        found = Inbox(approvals=tuple(waiting), places=tuple(offered), work=work)
        show_one(found, as_json=True)
        return
    if waiting or not (offered or work):
        show_list(waiting, SHOWN, total=len(waiting), as_json=False, empty="nothing waits for you")
    for place in offered:
        number = place.organisation_id
        offer = f"organisation {number} ({printable(place.name)}) offers you a place"
        typer.echo(f"{offer}; rounds org join {number}", err=True)
    for one in work:
        left = ", ".join(f"{step} {n}" for step, n in one.n_cases.items())
        number = one.dataset_id
        typer.echo(
            f"dataset {number} waits for people: {left}; rounds dataset progress {number}", err=True
        )


def _work() -> tuple[Work, ...]:
    if not at_site():
        return ()
    from rounds import catalogue
    from rounds.preparation import desk

    workspace = this_site().workspace
    found = [
        desk.outstanding(workspace, entry.dataset_id) for entry in catalogue.entries(workspace)
    ]
    return tuple(
        Work(dataset_id=one.dataset_id, n_cases=dict(one.n_cases)) for one in found if one.n_cases
    )
