"""The constants that a start relies on say what the migrations say."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from berth.store.memory import TABLE_NAMES
from berth.store.sql.tables import NOUNS, ROW_TABLES, SCHEMA_HEAD


def test_the_head_constant_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "berth.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_HEAD]


def test_every_table_of_the_memory_is_kept() -> None:
    assert set(NOUNS) == set(TABLE_NAMES)
    assert set(ROW_TABLES) == {*TABLE_NAMES, "settings"}
