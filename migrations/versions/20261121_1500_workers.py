"""workers and the generation each still answers with; which plugin an operation keeps silent

Revision ID: 3f6d8c20ab15
Revises: 9e27b4f5c0d3
Create Date: 2026-11-21 15:00:00

"""

import sqlalchemy as sa
from alembic import op

revision = "3f6d8c20ab15"
down_revision = "9e27b4f5c0d3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "engine_workers",
        sa.Column("worker_id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name=op.f("pk_engine_workers")),
    )
    op.add_column(
        "engine_operations",
        sa.Column("held", sa.String(length=32), nullable=False, server_default=""),
    )
    with op.batch_alter_table("engine_operations") as batch_op:
        batch_op.alter_column("held", server_default=None)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("engine_operations", "held")
    op.drop_table("engine_workers")
