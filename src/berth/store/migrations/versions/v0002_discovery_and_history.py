"""Tables of service discovery, registries, webhooks, and of what deployments remember."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    nouns = (
        "tags", "keys", "catalog", "webhooks", "generations", "volume_homes", "proxy_ports",
    )  # fmt: skip
    for noun in nouns:
        _create_noun(noun)
    _create_noun(
        "registries",
        sa.Column("url", sa.Text, nullable=False),
        sa.UniqueConstraint("url", name="uq_registries_url"),
    )


def _create_noun(name: str, *enforced: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text, primary_key=True),
        *enforced,
        sa.Column("body", sa.Text, nullable=False),
    )
