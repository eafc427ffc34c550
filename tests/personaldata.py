"""A plugin that keeps data about people in every way there is, and a person whose key stands out."""

from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from portal.accounts.models import User
from portal.core.database import db
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import raise_generation
from tests.factories import make_user
from tests.fixtures.plugins import PluginSite, write_plugin

#: No other number of the tests is like it, so that a search by value finds what is left of the person.
KEY, NAME, PASSWORD = 987654, "zora", "portal-demo"

#: Rows that go with the person, with one below; that lose the person; that only hold a number, or the name.
MIGRATION = """
    import sqlalchemy as sa
    from alembic import op

    revision = "keeper_1"
    down_revision = None


    def upgrade():
        op.create_table(
            "plugin_keeper_note",
            sa.Column("note_id", sa.Integer, primary_key=True),
            sa.Column(
                "user_id",
                sa.Integer,
                sa.ForeignKey("users.user_id", ondelete="CASCADE"),
                nullable=False,
            ),
            sa.Column("words", sa.String(40)),
            sa.Column("picture", sa.LargeBinary),
            sa.Column("price", sa.Numeric(8, 2)),
            sa.Column("written_at", sa.DateTime(timezone=True)),
        )
        op.create_table(
            "plugin_keeper_answer",
            sa.Column("answer_id", sa.Integer, primary_key=True),
            sa.Column(
                "note_id",
                sa.Integer,
                sa.ForeignKey("plugin_keeper_note.note_id", ondelete="CASCADE"),
                nullable=False,
            ),
        )
        op.create_table(
            "plugin_keeper_page",
            sa.Column("page_id", sa.Integer, primary_key=True),
            sa.Column("author_id", sa.Integer, sa.ForeignKey("users.user_id", ondelete="SET NULL")),
            sa.Column("title", sa.String(40)),
        )
        op.create_table(
            "plugin_keeper_visit",
            sa.Column("visit_id", sa.Integer, primary_key=True),
            sa.Column("order", sa.Integer),
        )
        op.create_table(
            "plugin_keeper_vote",
            sa.Column("vote_id", sa.Integer, primary_key=True),
            sa.Column("voter", sa.String(32)),
        )
"""
DECLARED = (
    ("plugin_keeper_note", "user_id"),
    ("plugin_keeper_page", "author_id"),
    ("plugin_keeper_visit", "order"),
    ("plugin_keeper_vote", "voter"),
)
PERSONAL = [{"table": table, "user_column": column} for table, column in DECLARED]
ROWS = (
    "INSERT INTO plugin_keeper_note VALUES (1, :key, 'for zora''s eyes', :picture, '1.25', :moment)",
    "INSERT INTO plugin_keeper_note VALUES (2, :other, 'another''s', NULL, NULL, NULL)",
    "INSERT INTO plugin_keeper_answer VALUES (1, 1)",
    "INSERT INTO plugin_keeper_page VALUES (1, :key, 'Everybody''s')",
    "INSERT INTO plugin_keeper_visit VALUES (1, :key)",
    "INSERT INTO plugin_keeper_visit VALUES (2, :other)",
    "INSERT INTO plugin_keeper_vote VALUES (1, :name)",
    f"INSERT INTO plugin_keeper_vote VALUES (2, '{KEY}')",
    "INSERT INTO plugin_keeper_x_user (object_id, motto) VALUES (:key, 'Per aspera')",
)


def write_keeper(place: Path, **config: Any) -> Path:
    """Write the plugin's folder."""
    return write_plugin(
        place,
        "keeper",
        config={
            "schema_version": "1",
            "scope": ["site", "user"],
            "policy": {"user": "default_on"},
            "object_types": {"user": {"motto": "string(40)"}},
            "personal_data": PERSONAL,
            "settings": {
                "tone": {"label": "Tone", "scope": ["user"]},
                "token": {"label": "Token", "scope": ["user"], "secret": True},
            },
            **config,
        },
        files={"migrations/0001.py": MIGRATION},
    )


def people_of(site: PluginSite) -> User:
    """Add the person, and somebody else, with rows of both in the plugin's tables; returns the person."""
    with site.arrange():
        other = make_user("other", password=PASSWORD)
        person = make_user(NAME, password=PASSWORD, user_id=KEY)
        values = {
            "key": KEY,
            "other": other.user_id,
            "name": NAME,
            "picture": b"\x00\xff",
            "moment": "2026-03-01 12:30:00.000000",
        }
        for statement in ROWS:
            asked = {name: value for name, value in values.items() if f":{name}" in statement}
            db.session.execute(text(statement), asked)
        return person


def quarantine(site: PluginSite) -> None:
    """Put the plugin into quarantine."""
    with site.arrange():
        db.session.execute(update(PluginRow).values(load_state="quarantined", last_error="Enough."))
        raise_generation()
    site.refresh()


def traces_of(site: PluginSite) -> list[str]:
    """Return where the person's key or login name stands in any table of any plugin, as table.position."""
    return [
        f"{table}.{position}"
        for table in sorted(site.tables())
        if table.startswith("plugin_")
        for row in site.rows(table)
        for position, value in enumerate(row)
        if value in (KEY, str(KEY), NAME)
    ]
