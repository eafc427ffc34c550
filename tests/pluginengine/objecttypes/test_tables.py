"""Definitions as tables: every kind of column, in each database (3.3.2)."""

import pytest
from sqlalchemy import inspect

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine.columns import parse_column
from portal.pluginengine.objecttypes.synchronising import (
    add_what_is_missing,
    create_missing,
    differences,
)
from portal.pluginengine.objecttypes.tables import new_metadata, table_of
from portal.pluginengine.schemarules import references_of

EVERY_KIND = {
    "name": "string(40) not null default 'it''s 5%: new' indexed",
    "short": "string",
    "number": "integer not null default -3",
    "small": "smallint default 1",
    "big": "bigint indexed",
    "flag": "boolean not null default 1",
    "moment": "datetime",
    "touched": "timestamp",
    "ratio": "float default 0.5",
    "exact": "double",
    "body": "text",
    "bytes": "blob",
    "group_id": "integer not null references groups",
    "user_id": "integer references users",
}


def table(columns, name="thing"):
    """Return the table of a type of the plugin "probe"."""
    parsed = {key: parse_column(text) for key, text in columns.items()}
    return table_of("probe", name, parsed, new_metadata())


@pytest.fixture
def connection(app):
    """The connection of a unit of work that is undone in the end."""
    with app.app_context(), unit_of_work("write"):
        yield db.session.connection()
        db.session.rollback()


def test_a_type_without_a_key_gets_one_that_counts_up() -> None:
    """M-18."""
    made = table({"title": "string"})
    assert [each.name for each in made.primary_key] == ["id"]
    assert made.name == "plugin_probe_thing"


def test_auto_increment_is_the_key_however_wide() -> None:
    for kind in ("smallint", "integer", "bigint"):
        made = table({"number": f"{kind} not null auto_increment"})
        assert [each.name for each in made.primary_key] == ["number"]


def test_a_table_of_every_kind_of_column_is_as_it_was_declared(connection) -> None:
    """M-14, M-19: made once, and found without any difference."""
    made = table(EVERY_KIND)
    add_what_is_missing(connection, [made])
    assert differences(connection, [made]) == []
    add_what_is_missing(connection, [made])
    indexes = {tuple(each["column_names"]) for each in inspect(connection).get_indexes(made.name)}
    assert indexes == {("name",), ("big",), ("group_id",), ("user_id",)}


def test_columns_that_may_be_empty_or_have_a_default_are_added_by_themselves(connection) -> None:
    """3.3.4: rows are kept, and have the default."""
    add_what_is_missing(connection, [table({"short": "string"})])
    connection.exec_driver_sql("INSERT INTO plugin_probe_thing (short) VALUES ('kept')")
    optional = {key: text for key, text in EVERY_KIND.items() if key != "group_id"}
    made = table(optional)
    add_what_is_missing(connection, [made])
    assert differences(connection, [made]) == []
    (row,) = connection.execute(made.select()).mappings()
    assert (row["short"], row["name"], row["number"], row["flag"]) == (
        "kept",
        "it's 5%: new",
        -3,
        True,
    )
    assert list(references_of(connection, made.name)) == [(["user_id"], "users", "SET NULL")]


def test_a_string_may_grow_by_itself(connection) -> None:
    add_what_is_missing(connection, [table({"title": "string(10)"})])
    longer = table({"title": "string(20)"})
    add_what_is_missing(connection, [longer])
    assert differences(connection, [longer]) == []
    connection.execute(longer.insert(), {"title": "x" * 20})


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ({"a": "string(20)"}, {"a": "string(10)"}, "plugin_probe_thing.a is VARCHAR(20), not VARCHAR(10)"),
        ({"a": "string"}, {"a": "integer"}, "plugin_probe_thing.a is VARCHAR(255), not INTEGER"),
        ({"a": "text"}, {"a": "string"}, "plugin_probe_thing.a is TEXT, not VARCHAR(255)"),
        ({"a": "string"}, {"a": "string not null"}, "plugin_probe_thing.a may be empty still"),
        ({"a": "string"}, {"b": "string"}, "plugin_probe_thing.a is declared no more"),
        (
            {"a": "string"},
            {"a": "string", "b": "string not null"},
            "plugin_probe_thing.b is missing, and cannot be added by itself",
        ),
        (
            {"a": "integer"},
            {"a": "integer references groups"},
            "plugin_probe_thing.a refers to nothing yet",
        ),
    ],
)  # fmt: skip
def test_what_could_lose_something_is_told_and_not_done(
    connection, before, after, difference
) -> None:
    """3.3.4: shrinking, other types and dropping are never automatic."""
    add_what_is_missing(connection, [table(before)])
    made = table(after)
    add_what_is_missing(connection, [made])
    assert differences(connection, [made]) == [difference]


def test_tables_that_are_gone_are_made_and_the_others_left_alone(connection) -> None:
    create_missing(connection, [table({"a": "string"})])
    create_missing(
        connection, [table({"a": "string", "b": "string"}), table({"c": "text"}, "other")]
    )
    names = inspect(connection).get_table_names()
    assert {"plugin_probe_thing", "plugin_probe_other"} <= set(names)
    columns = {each["name"] for each in inspect(connection).get_columns("plugin_probe_thing")}
    assert columns == {"id", "a"}
