"""What Alembic runs a step in: the caller's connection, and its transaction."""

from alembic import context

from registry_api.models import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
