"""whose files go when an operation on plugins came to nothing, or once a purge has committed

Revision ID: 9e27b4f5c0d3
Revises: c41d7a90be12
Create Date: 2026-11-21 13:10:00

"""

import sqlalchemy as sa
from alembic import op

revision = "9e27b4f5c0d3"
down_revision = "c41d7a90be12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    files_of = sa.Column("files_of", sa.String(length=32), nullable=False, server_default="")
    op.add_column("engine_operations", files_of)
    with op.batch_alter_table("engine_operations") as batch_op:
        batch_op.alter_column("files_of", server_default=None)


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_column("engine_operations", "files_of")
