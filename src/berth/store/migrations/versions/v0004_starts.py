"""The table of starts that changed assignments, by which data is known from a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "starts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("through", sa.BigInteger, nullable=False),
    )
