"""Run by Alembic, on the connection and inside the transaction that `store.migrate` opened."""

from alembic import context

from scan_pipeline.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite rolls DDL back like anything else; Alembic only believes it when told.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
