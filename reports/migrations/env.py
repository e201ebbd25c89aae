"""Alembic's door to the tables. The connection is handed in by `reports.schema`; nothing here reads a setting."""

from alembic import context

from reports.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most of a table in place; Alembic then copies it.
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
