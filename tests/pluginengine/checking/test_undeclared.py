"""Which columns have to be declared: pure rules (design 7, personal data)."""

import pytest

from portal.pluginengine.checking.personaldata import Declared, absent, undeclared

NOTE = "plugin_probe_note"


def found(columns: dict[str, str], declared: Declared) -> list[str]:
    return [each.place for each in undeclared("probe", {NOTE: columns}, declared)]


@pytest.mark.parametrize(
    "name", ["user_id", "author_id", "sent_by_user_id", "created_by", "updated_by_id"]
)
def test_a_name_that_says_about_whom_is_asked_for(name: str) -> None:
    assert found({"id": "", name: ""}, None) == [f"{NOTE}.{name}"]


@pytest.mark.parametrize("name", ["title", "group_id", "user_name_length", "standby", "userid"])
def test_other_names_are_nobodys_business(name: str) -> None:
    assert found({name: ""}, None) == []


def test_a_reference_to_people_is_asked_for_whatever_its_name() -> None:
    assert found({"editor": "users"}, None) == [f"{NOTE}.editor"]


def test_a_reference_elsewhere_is_known_not_to_be_about_somebody() -> None:
    assert found({"author_id": "plugin_probe_author"}, None) == []


def test_what_is_declared_is_fine_and_names_in_the_same_table_are_too() -> None:
    """Whoever declares a table by one column has thought about it; references are declared all the same."""
    columns = {"user_id": "users", "created_by": "", "editor": "users"}
    assert found(columns, {(NOTE, "user_id")}) == [f"{NOTE}.editor"]


def test_declaring_another_table_does_not_cover_this_one() -> None:
    assert found({"created_by": ""}, {("plugin_probe_page", "user_id")}) == [f"{NOTE}.created_by"]


def test_none_silences_names_and_contradicts_references() -> None:
    assert found({"created_by": ""}, ()) == []
    (finding,) = undeclared("probe", {NOTE: {"author": "users"}}, ())
    assert str(finding) == (
        "plugin_probe_note.author: It refers to people, and config.yml says personal_data: none."
        " Write under personal_data: - {table: plugin_probe_note, user_column: author}"
    )


def test_the_key_of_a_side_table_needs_no_declaration() -> None:
    """Its fields are included by name."""
    tables = {"plugin_probe_x_user": {"object_id": "users", "motto": ""}}
    assert list(undeclared("probe", tables, ())) == []


def test_what_is_declared_and_is_not_there_is_named() -> None:
    tables = {NOTE: {"id": ""}}
    declared = {(NOTE, "user_id"), ("plugin_probe_gone", "user_id")}
    texts = [each.text for each in absent(tables, declared, is_all=True)]
    assert texts == [
        "The plugin has no table plugin_probe_gone.",
        "The table plugin_probe_note has no column user_id.",
    ]
    assert len(list(absent(tables, declared, is_all=False))) == 1
