"""Bringing a database's tables to what this program needs."""

from sqlalchemy import Connection, inspect, text

from berth.domain.errors import StartupError
from berth.runtime.exit_codes import Exit
from berth.store.sql.tables import SCHEMA_HEAD


def bring_up_to_date(connection: Connection) -> None:
    """Run the migrations that are missing, inside the connection's transaction.

    Alembic is loaded only when there is something to do, since it would stay in memory.
    Raises ``StartupError`` when the tables are newer than this program.
    """
    found = _schema_version(connection)
    if found == SCHEMA_HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "berth.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if found is not None:
        try:
            ScriptDirectory.from_config(config).get_revision(found)
        except CommandError:
            raise StartupError(
                f"The database has schema {found}, which is newer than this program's "
                f"{SCHEMA_HEAD}; start the Berth that wrote it, or a newer one.",
                exit_code=Exit.NEWER_SCHEMA,
            ) from None
    command.upgrade(config, "head")


def _schema_version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if version is None else str(version)
