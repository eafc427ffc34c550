"""What tables are made of, before and after (design 7): the same on both databases, quick on both."""

import pytest
from flask import Flask
from sqlalchemy import text

from portal.core.database import db
from portal.core.unit_of_work import Unit
from portal.pluginengine.definitions import definitions_of, differing_parts

MADE = "CREATE TABLE loose_thing (a INTEGER NOT NULL, b VARCHAR(5) CHECK (b <> ''))"
CHANGES = {
    "ALTER TABLE loose_thing ADD COLUMN c INTEGER": ["loose_thing.c"],
    "CREATE INDEX ix_loose ON loose_thing (a)": ["index ix_loose (loose_thing)"],
    "ALTER TABLE loose_thing RENAME COLUMN a TO d": ["loose_thing.a", "loose_thing.d"],
    "UPDATE loose_thing SET a = 1": [],
}


@pytest.mark.parametrize(("statement", "parts"), CHANGES.items())
def test_what_a_statement_changes_of_a_table_is_named_by_its_parts(
    app: Flask, unit: Unit, statement: str, parts: list[str]
) -> None:
    connection = db.session.connection()
    connection.execute(text(MADE))
    before = definitions_of(connection, ["loose_thing", "users"])
    connection.execute(text(statement))
    after = definitions_of(connection, ["loose_thing", "users"])
    with app.test_request_context():
        found = differing_parts(
            connection, "loose_thing", before["loose_thing"], after["loose_thing"]
        )
        assert differing_parts(connection, "users", before["users"], after["users"]) == []
    assert found == parts
    assert before["users"] != {}
    connection.execute(text("DROP TABLE loose_thing"))


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_table_that_is_only_written_otherwise_is_the_same(app: Flask) -> None:
    """As when SQLite has written names of a table's statement anew, in quotes."""
    connection = db.session.connection()
    plain, quoted = {"t": "CREATE TABLE t (a INTEGER)"}, {"t": 'CREATE TABLE "t" ("a"  INTEGER)'}
    unknown = {"t": "CREATE TABLE t (a INTEGER, b AS (no_such_function(a)))"}
    with app.test_request_context():
        assert differing_parts(connection, "t", plain, quoted) == []
        assert differing_parts(connection, "t", plain, unknown) == ["t"]
