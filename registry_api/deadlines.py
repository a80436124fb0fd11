"""What is due by time, ended in a transaction of its own."""

from datetime import datetime
from functools import partial

from registry_api.services import expiry
from registry_api.storage.database import Database


def end_due(database: Database, now: datetime) -> None:
    """End what is past its deadline; if nothing is, nothing is written."""
    with database.reading() as session:
        due = expiry.is_due(session, now)
    if due:
        database.write(partial(expiry.sweep, now=now))
