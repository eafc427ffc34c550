"""When people confirmed their account and when they logged in last.

Revision 4d81c6e0b9a7, after 7f3c2a9d5e14; made 2026-11-21 12:16:00+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "4d81c6e0b9a7"
down_revision = "7f3c2a9d5e14"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_users_last_login_at_user_id"),
            ["last_login_at", "user_id"],
            unique=False,
        )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_last_login_at_user_id"))
        batch_op.drop_column("last_login_at")
        batch_op.drop_column("confirmed_at")
