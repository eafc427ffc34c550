"""Requests to join a group, and whether a group takes them.

Revision c41d7b0e92fa, after b1815a41f6ac; made 2026-11-21 12:05:00+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "c41d7b0e92fa"
down_revision = "b1815a41f6ac"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "join_requests",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.group_id"],
            name=op.f("fk_join_requests_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.user_id"],
            name=op.f("fk_join_requests_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_join_requests")),
        sa.UniqueConstraint("group_id", "user_id", name=op.f("uq_join_requests_group_id_user_id")),
    )
    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_requests_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("accepts_requests", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.alter_column("accepts_requests", server_default=None)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_column("accepts_requests")

    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_requests_user_id"))

    op.drop_table("join_requests")
