"""audit log: in whose history an entry stands; entries by what they are about

Revision ID: 6e1b94a7d02c
Revises: a41c07d95e2b
Create Date: 2026-11-21 18:30:00

"""

import sqlalchemy as sa
from alembic import op

revision = "6e1b94a7d02c"
down_revision = "a41c07d95e2b"
branch_labels = None
depends_on = None

NAME = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")


def _fill_in_people() -> None:
    """Changes of a person's settings told of the person among the new values."""
    log = sa.table(
        "audit_log",
        sa.column("audit_id", sa.Integer),
        sa.column("action", sa.String),
        sa.column("new_values", sa.JSON),
        sa.column("user_id", sa.Integer),
        sa.column("user_name", sa.String),
    )
    users = sa.table("users", sa.column("user_id"), sa.column("user_name"))
    bind = op.get_bind()
    told = bind.execute(
        sa.select(log.c.audit_id, log.c.new_values).where(log.c.action == "plugin.setting")
    ).all()
    people = [(key, values["user"]) for key, values in told if "user" in values]
    keys = {name: key for key, name in bind.execute(sa.select(users.c.user_id, users.c.user_name))}
    for audit_id, name in people:
        entry = sa.update(log).where(log.c.audit_id == audit_id)
        bind.execute(entry.values(user_id=keys.get(name), user_name=name))


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("user_name", NAME, nullable=False, server_default=sa.text("''"))
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_audit_log_user_id"),
            "users",
            ["user_id"],
            ["user_id"],
            ondelete="SET NULL",
        )
        batch_op.create_index(
            batch_op.f("ix_audit_log_user_id_happened_at_audit_id"),
            ["user_id", "happened_at", "audit_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_audit_log_object_kind_object_name_happened_at_audit_id"),
            ["object_kind", "object_name", "happened_at", "audit_id"],
            unique=False,
        )
    _fill_in_people()


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_log_object_kind_object_name_happened_at_audit_id"))
        batch_op.drop_index(batch_op.f("ix_audit_log_user_id_happened_at_audit_id"))
        batch_op.drop_constraint(batch_op.f("fk_audit_log_user_id"), type_="foreignkey")
        batch_op.drop_column("user_name")
        batch_op.drop_column("user_id")
