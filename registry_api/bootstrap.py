"""The first administrator of a new registry."""

from contextlib import closing
from pathlib import Path

from pydantic import ValidationError
from sqlmodel import Session

from registry_api.auth import nobody
from registry_api.deps import utc_now
from registry_api.services import people, tokens
from registry_api.storage.database import Database
from registry_api.storage.migrating import upgrade
from rounds.errors import InvalidInput
from rounds.records.people import UserIn
from rounds.secret_files import write_secret


def first_administrator(address: str, invitation_file: Path, *, email: str, name: str) -> None:
    """Make the tables in a database, an administrator, and a 0600 file with the invitation to sign in.

    The file is written before the commit, so that a kill between them leaves nothing that the next try
    cannot put right.

    Raises:
        InvalidInput: The name or the e-mail cannot be one.
        Conflict: The e-mail is taken: the registry has its first administrator.
        SpecError: There is no such database.
    """
    try:
        wanted = UserIn(name=name, email=email)
    except ValidationError as error:
        raise InvalidInput("found no e-mail or no name, needed both to be well formed") from error

    def work(session: Session) -> None:
        who = nobody(utc_now(), "init")
        user = people.add_row(session, who, wanted, is_admin=True)
        token = tokens.store(session, who, tokens.invitation_for(session, who, user))
        write_secret(invitation_file, token.secret or "")

    with closing(Database(address)) as database:
        upgrade(database.engine)
        database.write(work)
