"""Who acted in the first release, and to whom what belongs to an organisation goes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from registry_api.storage.migrations.moving import Before, Filling, Row, carried
from registry_api.storage.migrations.release_1.tables import TOKENS, USERS

READ, WRITE, DECIDE = "read", "write", "decide"
SCOPES = {"reader": [READ], "member": [READ, WRITE]}
EVERY_SCOPE = [DECIDE, READ, WRITE]
# Whom something of an organisation goes back to: whose it is alone, else who leads it.
FIRST = {"own": 0, "manager": 1, "decider": 2, "member": 3, "reader": 4}


@dataclass(frozen=True, slots=True)
class Owners:
    """The users behind each organisation, the one to whom what it has goes back first."""

    users: Mapping[int, tuple[int, ...]]
    fallback: int

    def owner_of(self, organisation_id: int) -> int:
        """Who gets what belongs to an organisation; an administrator where nobody is left in it."""
        users = self.users.get(organisation_id, ())
        return users[0] if users else self.fallback

    def on_list(self, organisation_ids: list[int]) -> list[int]:
        """The users of several organisations, each once."""
        found = (user for key in organisation_ids for user in sorted(self.users.get(key, ())))
        return list(dict.fromkeys(found))


def owners(connection: Connection, before: Before) -> Owners:
    """The users behind each organisation."""
    users, members = before["user_account"], before["member"]
    own = select(users.c.organisation_id, users.c.id).where(users.c.organisation_id.is_not(None))
    joined = select(members.c.organisation_id, members.c.user_id, members.c.role).where(
        members.c.user_id.is_not(None), members.c.is_valid
    )
    places = [(key, FIRST["own"], user) for key, user in connection.execute(own)]
    places += [(key, FIRST[role], user) for key, user, role in connection.execute(joined)]
    behind: dict[int, tuple[int, ...]] = {}
    for key, _, user in sorted(places):
        behind[key] = (*behind.get(key, ()), user)
    first = select(users.c.id).order_by(users.c.is_admin.desc(), users.c.id).limit(1)
    return Owners(behind, connection.execute(first).scalar() or 0)


def fillings(before: Before, at: datetime) -> tuple[Filling, ...]:
    """Users, and the tokens that programs have; those of closed accounts are revoked."""
    users, tokens = before["user_account"], before["token"]
    live = select(tokens, users.c.is_valid.label("owner_is_valid")).join(
        users, users.c.id == tokens.c.user_id
    )
    return (
        Filling(table=USERS, source=select(users), make=lambda row: carried(row, USERS)),
        Filling(
            table=TOKENS,
            source=live.where(tokens.c.kind == "api"),
            make=lambda row: _token(row, at),
        ),
    )


def _token(row: RowMapping, at: datetime) -> Row:
    is_live = row["is_valid"] and row["owner_is_valid"]
    return carried(
        row,
        TOKENS,
        scopes=SCOPES.get(row["role"], EVERY_SCOPE),
        revoked_at=row["revoked_at"] if is_live else row["revoked_at"] or at,
    )
