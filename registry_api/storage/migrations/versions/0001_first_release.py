"""The tables of the first release."""

from alembic import op

from registry_api.storage.migrations.release_1.tables import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    """Drop the tables, and all that is in them."""
    METADATA.drop_all(op.get_bind())
