"""foreign keys of plugins that are dropped while the core's tables change

Revision ID: a41c07d95e2b
Revises: 5d2c7b90e4af
Create Date: 2026-11-21 15:50:00

"""

import sqlalchemy as sa
from alembic import op

revision = "a41c07d95e2b"
down_revision = "5d2c7b90e4af"
branch_labels = None
depends_on = None

TABLE = "engine_detached_keys"


def upgrade() -> None:
    """Bring the tables to this revision; the upgrade that first runs it has made the table already."""
    if sa.inspect(op.get_bind()).has_table(TABLE):
        return
    op.create_table(
        TABLE,
        sa.Column("detached_key_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("constraint_name", sa.String(length=63), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("detached_key_id", name=op.f("pk_engine_detached_keys")),
        sa.UniqueConstraint(
            "table_name",
            "constraint_name",
            name=op.f("uq_engine_detached_keys_table_name_constraint_name"),
        ),
    )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table(TABLE)
