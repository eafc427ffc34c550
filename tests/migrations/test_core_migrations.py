"""The core's Alembic history: it loses no row, leaves plugins alone and agrees with the models."""

import shutil
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from portal.cli.database import MIGRATIONS
from tests.fixtures.migrations import migrate, require_no_difference, revisions
from tests.migrations.rows import counts, fill

PLUGIN_TABLE = """
    CREATE TABLE plugin_hello_greeting (
        id INTEGER PRIMARY KEY,
        group_id INTEGER NOT NULL REFERENCES groups (group_id) ON DELETE CASCADE,
        user_id INTEGER REFERENCES users (user_id) ON DELETE SET NULL
    )
"""
PLUGIN_INDEX = "CREATE INDEX plugin_hello_greeting_by_group ON plugin_hello_greeting (group_id)"

REBUILD_PARENTS = """
    for table in ("groups", "users", "plugins"):
        with op.batch_alter_table(table, recreate="auto") as batch:
            batch.add_column(sa.Column("grown", sa.String(8)))
            batch.create_check_constraint("grown", "grown <> ''")
"""


@pytest.fixture
def engine(empty_database_url: str) -> Engine:
    """An engine on a database without tables."""
    return create_engine(empty_database_url, poolclass=NullPool)


def next_revision(folder: Path, body: str) -> Path:
    """Return a copy of the history with one more revision, made of ``body``."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "versions" / "next.py").write_text(
        f'"""One more."""\nimport sqlalchemy as sa\nfrom alembic import op\n'
        f"revision = 'next'\ndown_revision = {revisions()[-1]!r}\n\n\ndef upgrade():{body}\n"
    )
    return copy


def add_plugin_table(engine: Engine) -> None:
    """Create what an installed plugin has in the database."""
    with engine.begin() as connection:
        connection.execute(text(PLUGIN_TABLE))
        connection.execute(text(PLUGIN_INDEX))


def test_no_revision_loses_a_row(engine: Engine, empty_database_url: str) -> None:
    """Engineering A1: a test with rows in child tables for every core revision."""
    before: dict[str, int] = {}
    for revision in revisions():
        migrate(empty_database_url, revision)
        with engine.begin() as connection:
            after = counts(connection)
            assert [name for name in before if after.get(name, 0) < before[name]] == []
            fill(connection)
            before = dict(counts(connection))
    assert {"users", "groups", "group_plugin", "user_plugin", "user_roles"} <= before.keys()
    assert all(before.values())


def test_rebuilding_parents_loses_no_row_of_their_children(
    engine: Engine, empty_database_url: str, tmp_path: Path
) -> None:
    """Engineering A1: with foreign keys on, SQLite's batch mode would empty group_plugin."""
    migrate(empty_database_url)
    add_plugin_table(engine)
    with engine.begin() as connection:
        fill(connection)
        before = counts(connection)
    migrate(empty_database_url, "next", next_revision(tmp_path, REBUILD_PARENTS))
    with engine.begin() as connection:
        assert counts(connection) == before
        user_id = connection.execute(text("SELECT user_id FROM plugin_hello_greeting")).scalar()
        assert user_id is not None, "ON DELETE SET NULL must not have run either"
        connection.execute(text("UPDATE groups SET grown = 'yes'"))


def test_a_migration_that_leaves_orphans_is_undone_whole(
    engine: Engine, empty_database_url: str, tmp_path: Path
) -> None:
    """Engineering A1: foreign keys are checked before the commit."""
    migrate(empty_database_url)
    with engine.begin() as connection:
        fill(connection)
        before = counts(connection)
    orphaning = """
    op.add_column("roles", sa.Column("grown", sa.String(8)))
    op.execute("UPDATE user_roles SET role_id = 4711")
"""
    with pytest.raises((CommandError, Exception), match="user_roles"):
        migrate(empty_database_url, "next", next_revision(tmp_path, orphaning))
    with engine.begin() as connection:
        assert counts(connection) == before
        assert "grown" not in connection.execute(text("SELECT * FROM roles")).keys()  # noqa: SIM118


def test_autogenerate_never_touches_what_belongs_to_others(
    engine: Engine, empty_database_url: str
) -> None:
    """Design 7: the core's Alembic environment ignores every plugin object; Huey's tables too."""
    migrate(empty_database_url)
    add_plugin_table(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE huey_task (id INTEGER PRIMARY KEY)"))
    require_no_difference(empty_database_url)


def test_models_and_migrations_agree(empty_database_url: str) -> None:
    migrate(empty_database_url)
    require_no_difference(empty_database_url)


def test_the_history_has_one_head() -> None:
    assert len(revisions()) == len(set(revisions())) > 0


def test_what_was_changed_for_a_person_comes_into_their_history(
    engine: Engine, empty_database_url: str
) -> None:
    """The log told of the person among the new values, by name alone."""
    migrate(empty_database_url, "a41c07d95e2b")
    with engine.begin() as connection:
        fill(connection)
        user_id, name = connection.execute(text("SELECT user_id, user_name FROM users")).first()
        for values in (f'{{"value": 1, "user": "{name}"}}', '{"user": "gone"}', '{"value": 1}'):
            connection.execute(
                text(
                    "INSERT INTO audit_log (happened_at, actor_name, action, object_kind, object_name,"
                    " group_name, old_values, new_values, address, request_id) VALUES"
                    " (CURRENT_TIMESTAMP, '', 'plugin.setting', 'setting', 'a.b', '', '{}', :told, '', '')"
                ),
                {"told": values},
            )
    migrate(empty_database_url)
    with engine.begin() as connection:
        query = "SELECT user_id, user_name FROM audit_log WHERE action = 'plugin.setting' ORDER BY audit_id"
        told = [tuple(row) for row in connection.execute(text(query))]
    assert told[-3:] == [(user_id, name), (None, "gone"), (None, "")]
