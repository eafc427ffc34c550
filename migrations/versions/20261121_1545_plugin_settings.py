"""what was set of plugins' settings, for the site, groups and people

Revision ID: 5d2c7b90e4af
Revises: 3f8a6c20d5e1
Create Date: 2026-11-21 15:45:00

"""

import sqlalchemy as sa
from alembic import op

revision = "5d2c7b90e4af"
down_revision = "3f8a6c20d5e1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "engine_plugin_settings",
        sa.Column("setting_id", sa.Integer(), nullable=False),
        sa.Column("plugin_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "scope IN ('site', 'group', 'user')", name=op.f("ck_engine_plugin_settings_scope")
        ),
        sa.ForeignKeyConstraint(
            ["plugin_id"],
            ["plugins.plugin_id"],
            name=op.f("fk_engine_plugin_settings_plugin_id_plugins"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("setting_id", name=op.f("pk_engine_plugin_settings")),
        sa.UniqueConstraint(
            "plugin_id",
            "scope",
            "scope_id",
            "name",
            name=op.f("uq_engine_plugin_settings_place"),
        ),
    )
    op.create_index(
        op.f("ix_engine_plugin_settings_owner"), "engine_plugin_settings", ["scope", "scope_id"]
    )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("engine_plugin_settings")
