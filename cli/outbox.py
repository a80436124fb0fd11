"""`rounds outbox`: what Prefect is to be told, for administrators."""

import typer

from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.sending import ask
from cli.sessions import freshly
from cli.tables import Column
from rounds.records.service import Notice, NoticeStatus

app = typer.Typer(no_args_is_help=True)

add_list(
    app,
    Listing(
        record=Notice,
        path="/outbox",
        says="What Prefect is to be told; what it refused too often is dead.",
        columns=(
            Column("id"),
            Column("kind"),
            Column("subject"),
            Column("status"),
            Column("failures"),
            Column("last_answer", "last answer"),
            Column("due_at", "due"),
        ),
        filters={"status": NoticeStatus, "subject": str},
    ),
)


@app.command()
def requeue(notice_id: int, *, yes: Yes = False) -> None:
    """Have a dead one delivered again."""
    ask(f"Have notice {notice_id} delivered again?", yes=yes)
    notice = freshly(lambda registry: registry.requeue(notice_id))
    typer.echo(f"notice {notice.id} is {notice.status}")
