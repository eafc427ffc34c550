"""When groups were deleted, canned reasons for rejecting one, full names compared by their form NFKC.

Revision 7f3c2a9d5e14, after e30501ea4cb5; made 2026-11-21 12:15:00+00:00.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "7f3c2a9d5e14"
down_revision = "e30501ea4cb5"
branch_labels = None
depends_on = None

GROUPS = sa.table(
    "groups",
    sa.column("group_id", sa.Integer),
    sa.column("full_name", sa.String),
    sa.column("full_name_ci", sa.String),
    sa.column("status", sa.String),
    sa.column("updated_at", sa.DateTime(timezone=True)),
    sa.column("deleted_at", sa.DateTime(timezone=True)),
)
LONGEST_KEY = 160


def upgrade() -> None:
    """Bring the tables to this revision."""
    title = sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql")
    op.create_table(
        "rejection_reasons",
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("title", title, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reason_id", name=op.f("pk_rejection_reasons")),
        sa.UniqueConstraint("title", name=op.f("uq_rejection_reasons_title")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_groups_registered_by"), ["registered_by"], unique=False
        )

    connection = op.get_bind()
    connection.execute(
        GROUPS.update().where(GROUPS.c.status == "D").values(deleted_at=GROUPS.c.updated_at)
    )
    _compare_anew(connection)


def _compare_anew(connection: sa.Connection) -> None:
    """Give full names their keys; of two that are equal now, the later group keeps its old one."""
    rows = connection.execute(
        sa.select(GROUPS.c.group_id, GROUPS.c.full_name, GROUPS.c.full_name_ci).order_by(
            GROUPS.c.group_id
        )
    ).all()
    taken = {row.full_name_ci for row in rows}
    for row in rows:
        folded = unicodedata.normalize("NFKC", row.full_name).casefold()
        key = unicodedata.normalize("NFKC", folded)
        if key not in taken and len(key) <= LONGEST_KEY:
            taken.add(key)
            connection.execute(
                GROUPS.update().where(GROUPS.c.group_id == row.group_id).values(full_name_ci=key)
            )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_registered_by"))
        batch_op.drop_column("deleted_at")

    op.drop_table("rejection_reasons")
