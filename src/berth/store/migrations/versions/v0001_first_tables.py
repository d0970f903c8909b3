"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "instance",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("revision_reserved", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("commits", sa.BigInteger, nullable=False),
        sa.Column("last_event_id", sa.BigInteger, nullable=False),
        sa.Column("status_generation", sa.BigInteger, nullable=False),
    )
    for noun in ("settings", "tokens", "pools", "deployments", "tasks", "events", "statuses"):
        _create_noun(noun)
    _create_noun(
        "users",
        sa.Column("username", sa.Text, nullable=False),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )
    _create_noun(
        "hosts",
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("name", name="uq_hosts_name"),
    )
    _create_noun(
        "definitions",
        sa.Column("subtype", sa.Text, nullable=False),
        sa.Column("definition_id", sa.Text, nullable=False),
        sa.UniqueConstraint("subtype", "definition_id", name="uq_definitions_subtype_id"),
    )
    _create_noun(
        "assignments",
        sa.Column("deployment_id", sa.Text, nullable=False),
        sa.Column("host_id", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
    )
    op.create_index("ix_assignments_slot", "assignments", ["deployment_id", "service", "slot"])
    op.create_index("ix_assignments_host", "assignments", ["host_id"])


def _create_noun(name: str, *enforced: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Text, primary_key=True),
        *enforced,
        sa.Column("body", sa.Text, nullable=False),
    )
