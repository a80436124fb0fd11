"""The first administrator of a new registry."""

from pathlib import Path

from pydantic import ValidationError

from registry_api.auth import nobody
from registry_api.database import Database
from registry_api.deps import utc_now
from registry_api.services import people
from rounds.errors import InvalidInput
from rounds.records.people import Scope, TokenIn, UserIn
from rounds.secret_files import write_secret

TTL_S = 365 * 24 * 3600


def first_administrator(path: Path, token_file: Path, *, email: str, name: str) -> None:
    """Make the tables in the database at `path`, an administrator, and a 0600 file with his token, which may do everything.

    The file is written before the commit, so that a kill between them leaves nothing that the next try
    cannot put right.

    Raises:
        InvalidInput: The name or the e-mail cannot be one.
        Conflict: The e-mail is taken: the registry has its first administrator.
    """
    try:
        wanted = UserIn(name=name, email=email)
    except ValidationError as error:
        raise InvalidInput("found no e-mail or no name, needed both to be well formed") from error
    who = nobody(utc_now(), "init")
    database = Database(path)
    database.create_tables()
    with database.writing() as session:
        user = people.add_row(session, who, wanted, is_admin=True)
        scopes = (Scope.READ, Scope.WRITE, Scope.DECIDE)
        token = people.mint_row(
            session, who, user, TokenIn(label="init", scopes=scopes, ttl_s=TTL_S)
        )
        write_secret(token_file, token.secret or "")
    database.close()
