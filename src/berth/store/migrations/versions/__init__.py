"""The migrations in order; ``store.tables.SCHEMA_HEAD`` names the last one."""
