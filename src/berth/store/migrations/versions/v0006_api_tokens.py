"""Instances that exist go on showing their containers the bearer token of a user.

Tokens have names and scopes from here on, which older programs do not know.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Write the setting ``api_token_of`` where there is an instance."""
    connection = op.get_bind()
    if not connection.execute(sa.text("SELECT count(*) FROM instance")).scalar():
        return
    body = connection.execute(sa.text("SELECT body FROM settings WHERE id = 'settings'")).scalar()
    kept = json.dumps({**json.loads(body or "{}"), "api_token_of": "user"})
    connection.execute(sa.text("DELETE FROM settings WHERE id = 'settings'"))
    connection.execute(
        sa.text("INSERT INTO settings (id, body) VALUES ('settings', :body)"), {"body": kept}
    )
