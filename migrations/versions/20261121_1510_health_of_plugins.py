"""the health of plugins: times, failures and incidents, added up over workers and hosts

Revision ID: 3f8a6c20d5e1
Revises: 3f6d8c20ab15
Create Date: 2026-11-21 15:10:00

"""

import sqlalchemy as sa
from alembic import op

revision = "3f8a6c20d5e1"
down_revision = "3f6d8c20ab15"
branch_labels = None
depends_on = None

BUCKETS = 22


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "engine_timings",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("hook", sa.String(length=255), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        *(sa.Column(f"bucket_{each:02}", sa.Integer(), nullable=False) for each in range(BUCKETS)),
        sa.PrimaryKeyConstraint("plugin", "hook", "slot", name=op.f("pk_engine_timings")),
    )
    op.create_index("ix_engine_timings_slot", "engine_timings", ["slot"])
    op.create_table(
        "engine_failures",
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("hook", sa.String(length=255), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "hook", "minute", name=op.f("pk_engine_failures")),
    )
    op.create_index("ix_engine_failures_minute", "engine_failures", ["minute"])
    op.create_table(
        "engine_incidents",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("plugin", sa.String(length=32), nullable=False),
        sa.Column("hook", sa.String(length=255), nullable=False),
        sa.Column("handler", sa.String(length=255), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("traceback", sa.Text(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine_incidents")),
    )
    op.create_index("ix_engine_incidents_at", "engine_incidents", ["at"])
    op.create_index("ix_engine_incidents_plugin", "engine_incidents", ["plugin"])


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    for table in ("engine_incidents", "engine_failures", "engine_timings"):
        op.drop_table(table)
