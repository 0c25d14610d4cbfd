"""What Alembic runs: on the connection, and in the transaction, that `migrations.upgrade` was given."""

from __future__ import annotations

from alembic import context

from console.hub.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
