"""Who acts in the second release: each user gets an organisation of one, whose id is the user's own."""

from datetime import datetime

from sqlalchemy import RowMapping, select

from registry_api.storage.migrations.moving import Before, Filling, Row, carried
from registry_api.storage.migrations.release_2.parties import ORGANISATIONS, TOKENS, USERS

FOLLOWED = {"is_valid": True, "revision": 1}


def fillings(before: Before, at: datetime) -> tuple[Filling, ...]:
    """Organisations, users and tokens."""
    users, tokens = before["user_account"], before["token"]
    owned = select(tokens, users.c.is_admin.label("owner_is_admin")).join(
        users, users.c.id == tokens.c.user_id
    )
    return (
        Filling(table=ORGANISATIONS, source=select(users), make=_organisation),
        Filling(table=USERS, source=select(users), make=_user),
        Filling(table=TOKENS, source=owned, make=lambda row: _token(row, at)),
    )


def _organisation(row: RowMapping) -> Row:
    return {
        "id": row["id"],
        **FOLLOWED,
        "name": row["name"],
        "name_key": None,
        "second_factor": False,
        "is_personal": True,
    }


def _user(row: RowMapping) -> Row:
    empty = dict.fromkeys(
        ("password_hash", "totp_secret", "totp_candidate", "totp_step", "issuer", "subject")
    )
    return carried(row, USERS, organisation_id=row["id"], **FOLLOWED, **empty)


def _token(row: RowMapping, at: datetime) -> Row:
    """A token; one that might do nothing is revoked, since the least role may read."""
    revoked_at = row["revoked_at"] if row["scopes"] else row["revoked_at"] or at
    return carried(
        row,
        TOKENS,
        **FOLLOWED | {"is_valid": revoked_at is None},
        kind="api",
        role=_role(row),
        revoked_at=revoked_at,
        signed_in_at=None,
        second_factor=False,
    )


def _role(row: RowMapping) -> str:
    scopes = row["scopes"]
    if "decide" in scopes:
        is_administrators = row["owner_is_admin"] and row["site"] is None
        return "administrator" if is_administrators else "decider"
    return "member" if "write" in scopes else "reader"
