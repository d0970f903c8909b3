"""The constants that a start relies on say what the migrations say."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from berth.domain.ids import InstanceId
from berth.domain.records import Instance
from berth.store.memory import Memory
from berth.store.nouns import NOUNS
from berth.store.sql.tables import ROW_TABLES, SCHEMA_HEAD


def test_the_head_constant_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "berth.store:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_HEAD]


def test_every_noun_has_its_table_in_memory_and_in_the_database() -> None:
    memory = Memory(Instance(id=InstanceId("i"), epoch=1, revision_reserved=0, created_at=0.0))
    assert set(memory.tables) == set(NOUNS)
    assert all(getattr(memory, name) is table for name, table in memory.tables.items())
    assert set(ROW_TABLES) == {*NOUNS, "settings"}
