"""Whether the registry and its database answer."""

from sqlmodel import Session, select

from registry_api.models import UserRow
from rounds.records.service import Health


def read(session: Session) -> Health:
    """`ok`, once the database has answered."""
    session.exec(select(UserRow.id).limit(1)).first()
    return Health(status="ok")
