"""operations on plugins: their journal, and the archives that hold plugins' code

Revision ID: c41d7a90be12
Revises: 5b0e6c83d1f7
Create Date: 2026-11-21 13:00:00

"""

import sqlalchemy as sa
from alembic import op

revision = "c41d7a90be12"
down_revision = "5b0e6c83d1f7"
branch_labels = None
depends_on = None


STEPS = "step IN ('begun', 'files', 'done', 'refused', 'failed', 'interrupted')"


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "engine_operations",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("archive", sa.String(length=64), nullable=True),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(STEPS, name=op.f("ck_engine_operations_step")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_engine_operations")),
    )
    op.create_index(op.f("ix_engine_operations_step"), "engine_operations", ["step"])
    op.add_column("plugins", sa.Column("archive", sa.String(length=64), nullable=True))
    op.add_column("plugins", sa.Column("previous_archive", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("plugins", "previous_archive")
    op.drop_column("plugins", "archive")
    op.drop_index(op.f("ix_engine_operations_step"), "engine_operations")
    op.drop_table("engine_operations")
