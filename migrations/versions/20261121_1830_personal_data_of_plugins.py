"""which tables of plugins hold data about people

Revision ID: c81f5e07a3d4
Revises: 6e1b94a7d02c
Create Date: 2026-11-21 18:30:00

What the plugins of the site have declared up to now is taken from their manifests, uninstalled ones too.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "c81f5e07a3d4"
down_revision = "6e1b94a7d02c"
branch_labels = None
depends_on = None

TABLE = "engine_personal_data"
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def upgrade() -> None:
    """Bring the tables to this revision."""
    table = op.create_table(
        TABLE,
        sa.Column("personal_data_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("user_column", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("personal_data_id", name=op.f("pk_engine_personal_data")),
        sa.UniqueConstraint(
            "handle",
            "table_name",
            "user_column",
            name=op.f("uq_engine_personal_data_handle_table_name_user_column"),
        ),
    )
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT plugin_name, manifest FROM plugins"))
    rows = {
        (handle, name, column)
        for handle, manifest in found
        for name, column in declared(handle, manifest)
    }
    for handle, name, column in sorted(rows):
        values = {"handle": handle, "table_name": name, "user_column": column}
        connection.execute(sa.insert(table).values(values))


def declared(handle: str, manifest: Any) -> Iterator[tuple[str, str]]:
    """Yield the tables that a stored manifest declares, each with its column."""
    known = json.loads(manifest) if isinstance(manifest, str) else manifest
    listed = known.get("personal_data") if isinstance(known, dict) else None
    for each in listed if isinstance(listed, list) else ():
        pair = (each.get("table"), each.get("user_column")) if isinstance(each, dict) else ()
        if all(isinstance(name, str) and NAME.fullmatch(name) for name in pair) and pair:
            table, column = pair
            if table.startswith(f"plugin_{handle}_"):
                yield table, column


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.drop_table(TABLE)
