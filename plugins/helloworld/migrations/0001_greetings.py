"""Make the table of greetings. Runs in the portal's transaction, on SQLite and PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "helloworld_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "plugin_helloworld_greeting",
        sa.Column("greeting_id", sa.Integer, primary_key=True),
        _owner("group_id", "groups.group_id"),
        _owner("user_id", "users.user_id"),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("plugin_helloworld_greeting")


def _owner(name: str, target: str) -> sa.Column[int]:
    key = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, nullable=False, index=True)
