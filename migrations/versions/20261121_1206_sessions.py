"""The sessions of people who are logged in: whoever has no row here is logged out.

Revision e30501ea4cb5, after c41d7b0e92fa; made 2026-11-21 11:56:49.354234+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "e30501ea4cb5"
down_revision = "c41d7b0e92fa"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "user_sessions",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
            name=op.f("fk_user_sessions_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_user_sessions_created_at_session_id"),
            ["created_at", "session_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_user_sessions_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_user_sessions_last_seen_at_session_id"),
            ["last_seen_at", "session_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_user_sessions_user_id_last_seen_at"),
            ["user_id", "last_seen_at"],
            unique=False,
        )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sessions_user_id_last_seen_at"))
        batch_op.drop_index(batch_op.f("ix_user_sessions_last_seen_at_session_id"))
        batch_op.drop_index(batch_op.f("ix_user_sessions_expires_at"))
        batch_op.drop_index(batch_op.f("ix_user_sessions_created_at_session_id"))

    op.drop_table("user_sessions")
