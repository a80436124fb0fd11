"""The first administrator of a new registry."""

import os
from pathlib import Path

from pydantic import ValidationError

from registry_api.auth import nobody
from registry_api.database import Database
from registry_api.deps import utc_now
from registry_api.services import people
from rounds.errors import InvalidInput
from rounds.records.people import Scope, TokenIn, UserIn

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
        _write_secret(token_file, token.secret or "")
    database.close()


def _write_secret(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
