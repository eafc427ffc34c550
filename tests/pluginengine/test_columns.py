"""Column definitions in Movable Type's grammar (M-18, M-19, 3.3.2)."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pluginengine.columns import ColumnDefinition, parse_column, primary_key_of
from portal.pluginengine.errors import BadValue

SEED_EXAMPLE = {
    "id": "integer not null auto_increment",
    "blog_id": "integer not null",
    "title": "string(255)",
    "text": "text",
}


def test_the_seeds_example_is_read_as_written() -> None:
    """M-18: it names no primary key and must work all the same."""
    columns = {name: parse_column(text) for name, text in SEED_EXAMPLE.items()}
    assert primary_key_of(columns) == "id"
    assert columns["id"].auto_increment
    assert columns["blog_id"].not_null
    assert columns["title"].size == 255
    assert columns["text"].kind == "text"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", {"kind": "string", "size": 255}),
        ("STRING (12) NOT  NULL", {"kind": "string", "size": 12, "not_null": True}),
        ("integer auto increment", {"auto_increment": True, "primary_key": True}),
        ("bigint primary key", {"kind": "bigint", "primary_key": True}),
        ("smallint indexed", {"kind": "smallint", "indexed": True}),
        ("datetime noindex", {"kind": "datetime", "noindex": True}),
        ("string meta revisioned", {"kind": "string", "indexed": False}),
        ("string default 'it''s  so'", {"default": "it's  so"}),
        ("text default ''", {"default": ""}),
        ("integer default -3", {"default": -3}),
        ("boolean default 1 not null", {"default": True, "not_null": True}),
        ("double default 2.50", {"default": Decimal("2.50")}),
        ("integer references groups", {"references": "groups"}),
        ("integer not null references users", {"references": "users", "not_null": True}),
        ("  timestamp  ", {"kind": "timestamp"}),
    ],
)
def test_definition_is_read(text: str, expected: dict[str, object]) -> None:
    """M-19, 3.3.2."""
    column = parse_column(text)
    assert {name: getattr(column, name) for name in expected} == expected
    assert column.text == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begins with one of"),
        ("varchar(20)", "begins with one of"),
        ("string(255)not null", "begins with one of"),
        ("string(0)", "1 to 4000"),
        ("string(4001)", "1 to 4000"),
        ("string(٣)", "begins with one of"),
        ("integer(11)", "Only string has a size"),
        ("integer unsigned", "Not understood: unsigned"),
        ("integer notnull", "Not understood"),
        ("string auto_increment", "count up"),
        ("string default x", "Not understood"),
        ("string default 3", "no number as default"),
        ("string(2) default 'abc'", "longer than 2"),
        ("integer default '3'", "in quotes"),
        ("integer default 2.5", "whole number"),
        ("smallint default 32768", "-32768 to 32767"),
        ("boolean default 2", "0 to 1"),
        ("datetime default 0", "no number as default"),
        ("integer default 1 default 2", "one default"),
        ("integer references plugins", "only to groups or users"),
        ("string references users", "Only an integer refers"),
        ("integer; drop table users", "begins with one of"),
    ],
)
def test_unknown_part_is_refused_not_ignored(text: str, why: str) -> None:
    """3.3.2: anything else is an error (the original ignores unknown modifiers)."""
    with pytest.raises(BadValue, match=why):
        parse_column(text)


@pytest.mark.parametrize(
    ("kind", "sortable", "filterable"),
    [("string", True, True), ("text", False, True), ("blob", False, False)],
)
def test_kind_says_what_lists_can_do_with_it(kind: str, sortable: bool, filterable: bool) -> None:
    """3.3.2, the table's last column."""
    column = parse_column(kind)
    assert (column.is_sortable, column.is_filterable) == (sortable, filterable)


def test_type_without_a_key_gets_an_id() -> None:
    """3.3.2: exactly one primary key; none declared, an `id` is added."""
    assert primary_key_of({"title": parse_column("string")}) is None


def test_two_primary_keys_are_refused() -> None:
    """3.3.2."""
    key = parse_column("integer primary key")
    with pytest.raises(BadValue, match="exactly one primary key"):
        primary_key_of({"a": key, "b": key})


def test_id_that_is_no_key_is_refused() -> None:
    """3.3.2: it would clash with the `id` that is added."""
    with pytest.raises(BadValue, match="The column id is the primary key"):
        primary_key_of({"id": parse_column("integer")})


@given(st.one_of(st.text(), st.lists(st.sampled_from(
    ["string", "integer", "(3)", "not", "null", "default", "'a'", "''", "'", "7", " ", "\n",
     "references", "users", "primary key", "auto_increment"])).map(" ".join)))  # fmt: skip
def test_any_text_is_a_definition_or_refused(text: str) -> None:
    """Nothing but BadValue comes out of the parser."""
    with contextlib.suppress(BadValue):
        assert isinstance(parse_column(text), ColumnDefinition)
