"""Counters of log-in attempts, a person's length of lists, room for addresses not confirmed yet.

Revision b1815a41f6ac, after f427279a3d89; made 2026-11-21 10:11:37.241965+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "b1815a41f6ac"
down_revision = "f427279a3d89"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "login_attempts",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_attempts")),
    )
    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_attempts_began_at"), ["began_at"], unique=False)

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("page_size", sa.Integer(), nullable=True))
        batch_op.alter_column(
            "email_ci",
            existing_type=sa.VARCHAR(length=254),
            type_=sa.String(length=300).with_variant(
                sa.String(length=300, collation="C"), "postgresql"
            ),
            existing_nullable=False,
        )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.alter_column(
            "email_ci",
            existing_type=sa.String(length=300).with_variant(
                sa.String(length=300, collation="C"), "postgresql"
            ),
            type_=sa.String(length=254).with_variant(
                sa.String(length=254, collation="C"), "postgresql"
            ),
            existing_nullable=False,
        )
        batch_op.drop_column("page_size")

    with op.batch_alter_table("login_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_attempts_began_at"))

    op.drop_table("login_attempts")
