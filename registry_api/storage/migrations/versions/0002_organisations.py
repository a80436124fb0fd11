"""Organisations, sign-in, withdrawals, cells, publications, and the sealed audit log."""

from collections.abc import Iterable
from datetime import UTC, datetime

from alembic import op
from sqlalchemy import Connection

from registry_api.storage.migrations.moving import (
    Filling,
    drop_copies,
    fill,
    number_on,
    set_aside,
)
from registry_api.storage.migrations.release_1 import people as people_1
from registry_api.storage.migrations.release_1 import registrations as registrations_1
from registry_api.storage.migrations.release_1 import tables as tables_1
from registry_api.storage.migrations.release_1 import work as work_1
from registry_api.storage.migrations.release_2 import parties as parties_2
from registry_api.storage.migrations.release_2 import people as people_2
from registry_api.storage.migrations.release_2 import registrations as registrations_2
from registry_api.storage.migrations.release_2 import tables as tables_2
from registry_api.storage.migrations.release_2 import work as work_2
from registry_api.storage.migrations.release_2.cells import fill_cells
from registry_api.storage.migrations.release_2.followed import say_migrated

revision = "0002"
down_revision = "0001"
STEP = f"migration {revision}"
SAME_IN_BOTH = "outbox"


def upgrade() -> None:
    """Make the new tables of the old ones' rows, and say so of each in the audit log.

    Every user gets an organisation of one, which owns what was the user's, with the user's own number. A
    token keeps what it may do, as a role. Whatever was in use is in OPERATION. Nobody has a password:
    an administrator invites each person, and themselves with the token that they have.
    """
    connection, at = op.get_bind(), datetime.now(UTC)
    old = [table for table in tables_1.METADATA.sorted_tables if table.name != SAME_IN_BOTH]
    before = set_aside(connection, old)
    parties_2.METADATA.create_all(connection)
    _fill_all(connection, [work_2.audit(before)])
    number_on(connection, [tables_2.AUDIT])
    fillings = (
        *people_2.fillings(before, at),
        *registrations_2.fillings(before),
        *work_2.fillings(before),
    )
    for filling in fillings:
        for rows in fill(connection, filling):
            say_migrated(connection, filling.table, rows, step=STEP, at=at)
    fill_cells(connection)
    number_on(connection, [filling.table for filling in fillings])
    drop_copies(connection, before)


def downgrade() -> None:
    """Make the old tables of the new ones' rows, with what they can hold.

    Lost are passwords, second factors, sessions and invitations, organisations and their members (what
    an organisation has goes to its first manager), publications, delegations, progress, the kept answers,
    the audit log's seals, sharing policies, and the two-person rule. What is withdrawn, or waits for a
    second person, ends: see `release_1.withdrawn`.
    """
    connection, at = op.get_bind(), datetime.now(UTC)
    new = [table for table in parties_2.METADATA.sorted_tables if table.name != SAME_IN_BOTH]
    before = set_aside(connection, new)
    tables_1.METADATA.create_all(connection)
    owners = people_1.owners(connection, before)
    work_1.forget_notices(connection, before)
    fillings = (
        *people_1.fillings(before, at),
        *registrations_1.fillings(before, owners),
        *work_1.fillings(before, owners),
    )
    _fill_all(connection, fillings)
    number_on(connection, [filling.table for filling in fillings])
    drop_copies(connection, before)


def _fill_all(connection: Connection, fillings: Iterable[Filling]) -> None:
    for filling in fillings:
        for _ in fill(connection, filling):
            pass
