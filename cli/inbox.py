"""`rounds inbox`: the decisions that are yours to make, and the places that wait for your yes."""

from typing import Final

import typer

from cli.approvals import COLUMNS
from cli.cells import printable
from cli.places import Place, places_of
from cli.settings import signed_in
from cli.tables import Json, show_list, show_one
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.records.base import Record

app = typer.Typer()
SHOWN: Final = tuple(column for column in COLUMNS if column.field != "status")


class Inbox(Record):
    """What waits for somebody."""

    approvals: tuple[Approval, ...]
    places: tuple[Place, ...]


@app.command()
def inbox(*, as_json: Json = False) -> None:
    """What waits for you: approvals to decide, and places that were offered to you."""
    with signed_in() as registry:
        waiting = registry.approvals(status=ApprovalStatus.PENDING, mine=True)
        offered = [place for place in places_of(registry) if not place.is_accepted]
    if as_json:
        show_one(Inbox(approvals=tuple(waiting), places=tuple(offered)), as_json=True)
        return
    if waiting or not offered:
        show_list(waiting, SHOWN, total=len(waiting), as_json=False, empty="nothing waits for you")
    for place in offered:
        number = place.organisation_id
        offer = f"organisation {number} ({printable(place.name)}) offers you a place"
        typer.echo(f"{offer}; rounds org join {number}", err=True)
