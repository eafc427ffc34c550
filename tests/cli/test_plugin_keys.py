"""Plugins' foreign keys around a change of the core: dropped, noted, and all of them back (seed 004, B7)."""

import os
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from flask_migrate import upgrade as real_upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from portal.cli import database
from portal.cli.root import main
from tests.fixtures.migrations import migrate, revisions

TABLES = """
    CREATE TABLE plugin_hello_greeting (
        id INTEGER PRIMARY KEY,
        group_id INTEGER NOT NULL REFERENCES groups (group_id) ON DELETE CASCADE,
        user_id INTEGER REFERENCES users (user_id) ON DELETE SET NULL
    );
    CREATE TABLE plugin_hello_answer (
        greeting_id INTEGER REFERENCES plugin_hello_greeting (id) ON DELETE CASCADE
    )
"""
POSTGRESQL = pytest.mark.parametrize(
    "database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def engine(database_url):
    """An engine on a migrated database in which a plugin has tables."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in TABLES.split(";"):
            connection.execute(text(statement))
    return engine


@pytest.fixture
def portal(tmp_path, database_url):
    """Run the command line: ``portal("db", "attach-plugins")`` gives the outcome."""

    def run(*words):
        environment = {**os.environ, "PORTAL_VAR": str(tmp_path), "DATABASE_URL": database_url}
        outcome = CliRunner().invoke(main, words, env=environment)
        return SimpleNamespace(code=outcome.exit_code, text=outcome.output)

    return run


def keys(engine) -> list[str]:
    """Return the definitions of the plugin's foreign keys that are in force."""
    query = (
        "SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND starts_with(conrelid::regclass::text, 'plugin_') ORDER BY 1"
    )
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def noted(engine) -> int:
    """Return how many keys wait to be put back."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM engine_detached_keys")).scalar_one()


@POSTGRESQL
def test_keys_towards_the_core_go_and_come_back_as_they_were(engine, portal) -> None:
    before = keys(engine)
    assert len(before) == 3
    detached = portal("db", "detach-plugins")
    assert "2 foreign keys detached, 2 wait" in detached.text
    assert [each.split()[0] for each in keys(engine)] == ["plugin_hello_answer"]
    assert "0 foreign keys detached, 2 wait" in portal("db", "detach-plugins").text
    attached = portal("db", "attach-plugins")
    assert (attached.code, "2 foreign keys of plugins are back." in attached.text) == (0, True)
    assert keys(engine) == before
    assert noted(engine) == 0
    assert portal("db", "attach-plugins").code == 0


@POSTGRESQL
def test_a_key_whose_rows_lost_their_group_is_told_and_stays_noted(engine, portal) -> None:
    portal("db", "detach-plugins")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO plugin_hello_greeting VALUES (1, 4711, NULL)"))
    outcome = portal("db", "attach-plugins")
    assert outcome.code == 1
    assert "1 foreign keys of plugins could not be put back" in outcome.text
    assert "plugin_hello_greeting.plugin_hello_greeting_group_id_fkey" in outcome.text
    assert noted(engine) == 1
    assert len(keys(engine)) == 2
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM plugin_hello_greeting"))
    assert portal("db", "attach-plugins").code == 0
    assert len(keys(engine)) == 3


@POSTGRESQL
def test_a_table_that_has_gone_takes_its_keys_with_it(engine, portal) -> None:
    portal("db", "detach-plugins")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE plugin_hello_greeting CASCADE"))
    assert "0 foreign keys of plugins are back." in portal("db", "attach-plugins").text
    assert noted(engine) == 0


@pytest.mark.parametrize("empty_database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_an_upgrade_of_the_core_does_both_by_itself(
    empty_database_url, tmp_path, monkeypatch
) -> None:
    """Also from a revision that has no table of notes yet, also when the migration fails."""
    migrate(empty_database_url, revisions()[-2])
    engine = create_engine(empty_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(TABLES))
    before = keys(engine)
    seen: list[int] = []
    environment = {
        **os.environ,
        "PORTAL_VAR": str(tmp_path),
        "DATABASE_URL": empty_database_url,
    }

    def fail(**options):
        seen.append(len(keys(engine)))
        raise SystemExit(1)

    def look(**options):
        seen.append(len(keys(engine)))
        real_upgrade(**options)

    for deed, code in ((fail, 1), (look, 0)):
        monkeypatch.setattr(database.flask_migrate, "upgrade", deed)
        outcome = CliRunner().invoke(main, ["db", "upgrade"], env=environment)
        assert outcome.exit_code == code
        assert "2 foreign keys of plugins are back." in outcome.output
        assert keys(engine) == before
    assert seen == [1, 1]
    monkeypatch.setattr(database.flask_migrate, "upgrade", lambda **options: None)
    assert "foreign keys" not in CliRunner().invoke(main, ["db", "upgrade"], env=environment).output


@POSTGRESQL
def test_what_a_dead_process_left_detached_comes_back_with_the_next_upgrade(engine, portal) -> None:
    before = keys(engine)
    portal("db", "detach-plugins")
    assert "2 foreign keys of plugins are back." in portal("db", "upgrade").text
    assert keys(engine) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_says_that_it_needs_none_of_it_and_checks_its_references(engine, portal) -> None:
    assert "SQLite cannot drop a foreign key" in portal("db", "detach-plugins").text
    outcome = portal("db", "attach-plugins")
    assert (outcome.code, "Every reference is in order." in outcome.text) == (0, True)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO plugin_hello_greeting VALUES (1, 4711, NULL)"))
    outcome = portal("db", "attach-plugins")
    assert (outcome.code, "plugin_hello_greeting" in outcome.text) == (1, True)
