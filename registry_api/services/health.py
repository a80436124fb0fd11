"""Whether the registry's database answers, with the tables that are needed, and its duties are done."""

from datetime import datetime

from sqlmodel import Session

from registry_api.auth import Principal
from registry_api.storage.migrating import need_current
from rounds.errors import Unreachable
from rounds.records.service import Health


def ready(session: Session, _now: datetime, *, duties_alive: bool) -> Health:
    """`ok`, once the database has answered with the tables of this version, while the duties go on.

    Raises:
        Unreachable: Its tables are of another version, or this process does its duties no more.
    """
    need_current(session.connection())
    if not duties_alive:
        found = "found the thread that does the registry's duties ended"
        raise Unreachable(f"{found}, needed it at work; the log says why; start the process anew")
    return Health(status="ok")


def need_administrator(_session: Session, who: Principal) -> None:
    """Pass if an administrator asks.

    Raises:
        Forbidden: Somebody else does.
    """
    who.need_admin()
