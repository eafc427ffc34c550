"""Uploaded archives of plugins, whole, in chunks (design 6, Store).

Revision 5b0e6c83d1f7, after 4d81c6e0b9a7; made 2026-11-21 12:20:03.518270+00:00.
"""

import sqlalchemy as sa
from alembic import op

revision = "5b0e6c83d1f7"
down_revision = "4d81c6e0b9a7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "engine_archives",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("version", sa.String(length=255), nullable=False),
        sa.Column("top_folder", sa.String(length=255), nullable=False),
        sa.Column("listing", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_engine_archives")),
    )
    op.create_table(
        "engine_archive_chunks",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["engine_archives.sha256"],
            name=op.f("fk_engine_archive_chunks_sha256"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sha256", "position", name=op.f("pk_engine_archive_chunks")),
    )


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table("engine_archive_chunks")
    op.drop_table("engine_archives")
