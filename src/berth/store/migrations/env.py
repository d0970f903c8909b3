"""Alembic's entry: runs the migrations on the connection that ``store.schema`` hands over."""

from alembic import context

from berth.store.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can as well, once the driver no longer begins transactions by itself (store.engine).
    transactional_ddl=True,
)
context.run_migrations()
