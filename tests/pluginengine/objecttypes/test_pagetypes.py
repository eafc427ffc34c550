"""The types that have pages: what they show, read off YAML and off classes alike (engineering 2 (aa))."""

import textwrap

import pytest

from portal.pluginengine.objecttypes.pagetypes import page_types

DECLARED = {
    "schema_version": "1",
    "object_types": {
        "book": {
            "title": "string(80) not null",
            "group_id": "integer not null references groups",
            "user_id": "integer references users",
            "lent_to_id": "integer references users",
            "notes": "text",
            "cover": "blob",
            "pages": {"type": "integer", "label": "Number of pages", "min": 1},
            "shelf_mark": {"type": "string(20)", "edit": False},
            "changed": "timestamp",
        },
        "room": {"floor": "integer default 2", "code": "string(8)"},
        "sealed": {"seal": "blob not null", "name": "string"},
        "word": {"text": "string(40) primary key"},
        "hidden": {"name": "string"},
        "group": {"shelf": "string"},
    },
    "pages": {
        "room": {
            "label": "Room", "title": "code", "columns": ["code", "id"], "sort": "floor",
            "descending": True, "only": ["list", "show"], "view": "everybody",
        },
        "hidden": {"only": []},
    },
}  # fmt: skip

MODELS = """
    from datetime import datetime
    import enum

    import sqlalchemy as sa
    from sqlalchemy.orm import Mapped, mapped_column
    from portal.pluginapi import ObjectType, UtcDateTime, group_fk, now, plugin_model, user_fk

    Model = plugin_model()


    class Size(enum.Enum):
        SMALL = 1


    class Cup(Model):
        cup_id: Mapped[int] = mapped_column(primary_key=True)
        group_id: Mapped[int] = group_fk()
        user_id: Mapped[int | None] = user_fk(nullable=True, ondelete="SET NULL")
        name: Mapped[str] = mapped_column(sa.String(40))
        state: Mapped[str] = mapped_column(sa.Enum("full", "empty", native_enum=False), server_default="full")
        size: Mapped[Size | None] = mapped_column(sa.Enum(Size, native_enum=False))
        kind: Mapped[str | None] = mapped_column(sa.Enum("a", "b", name="plugin_probe_kind"))
        small: Mapped[int] = mapped_column(sa.SmallInteger, default=3)
        big: Mapped[int | None] = mapped_column(sa.BigInteger)
        weight: Mapped[float] = mapped_column(sa.Double, server_default="1.5")
        is_clean: Mapped[bool] = mapped_column(server_default=sa.true())
        story: Mapped[str | None] = mapped_column(sa.Text)
        rank: Mapped[int] = mapped_column(server_default=sa.text("4"))
        code: Mapped[str] = mapped_column(server_default=sa.text("lower('X')"))
        made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
        due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
        extra: Mapped[dict | None] = mapped_column(sa.JSON)
        token: Mapped[str] = mapped_column(sa.String(9), default=lambda: "x")
        renamed: Mapped[str | None] = mapped_column("other_name", sa.String(9))


    class Pair(Model):
        left: Mapped[int] = mapped_column(primary_key=True)
        right: Mapped[int] = mapped_column(primary_key=True)


    class Note(ObjectType):
        column_defs = {"body": "text not null"}
"""


@pytest.fixture
def database_url(sqlite_url):
    """No database has a say in it."""
    return sqlite_url


@pytest.fixture
def pages(site, make_plugin):
    """Write a plugin down and return its page types by name."""

    def make(config, models=""):
        files = {"models.py": textwrap.dedent(models)} if models else {}
        make_plugin("probe", config=config, files=files)
        site.write_down("probe")
        return page_types(site.app)["probe"]

    return make


def named(page):
    """Return the fields of a type by name."""
    return {each.name: each for each in page.fields}


def test_every_type_of_the_plugins_own_with_a_whole_number_as_key_has_pages(site, pages) -> None:
    assert list(pages(DECLARED)) == ["book", "room", "sealed"]
    without = site.engine.plugins["probe"].pages.without
    assert without == {
        "word": "Its key is not one whole number.",
        "hidden": "config.yml says that it has none.",
    }


def test_what_config_yml_does_not_say_follows_from_the_columns(pages) -> None:
    book = pages(DECLARED)["book"]
    assert (book.label, book.plural, book.title) == ("Book", "Books", "title")
    assert book.columns == ("title", "user_id", "lent_to_id", "pages", "shelf_mark", "changed")
    assert (book.sort, book.descending) == ("id", False)
    assert book.offers == {"list", "show", "new", "edit", "delete"}
    assert (book.group_column, book.user_column) == (book.table.c.group_id, book.table.c.user_id)
    assert (book.scope, book.view) == ("group", "permission")
    assert (book.view_permission, book.edit_permission) == ("group.probe_view", "group.probe_edit")


def test_forms_ask_for_what_people_can_give(pages) -> None:
    """Neither for key and owners, nor for what is set by itself or sealed; bytes are not shown."""
    book = pages(DECLARED)["book"]
    assert [each.name for each in book.edited] == ["title", "lent_to_id", "notes", "pages"]
    assert [(each.name, each.label) for each in book.fields] == [
        ("title", "Title"), ("group_id", "Group"), ("user_id", "User"), ("lent_to_id", "Lent to"),
        ("notes", "Notes"), ("pages", "Number of pages"), ("shelf_mark", "Shelf mark"),
        ("changed", "Changed"),
    ]  # fmt: skip
    assert named(book)["pages"].minimum == 1


def test_what_config_yml_says_counts(pages) -> None:
    book, room, *_others = pages(DECLARED).values()
    assert (book.label, book.noun, book.plural) == ("Book", "book", "Books")
    assert (room.label, room.noun, room.plural, room.title, room.columns) == (
        "Room", "Room", "Rooms", "code", ("code", "id"),
    )  # fmt: skip
    assert (room.sort, room.descending, room.offers) == ("floor", True, {"list", "show"})
    assert (room.scope, room.view, room.view_permission) == (
        "system", "everybody", "system.probe_view",
    )  # fmt: skip


def test_there_is_no_form_for_a_row_that_needs_what_forms_cannot_ask_for(pages) -> None:
    assert pages(DECLARED)["sealed"].offers == {"list", "show", "edit", "delete"}


def test_a_row_is_called_by_its_title_or_by_its_number(pages) -> None:
    room = pages(DECLARED)["room"]
    assert room.title_of(room.model(id=4, code="B 12")) == "B 12"
    assert room.title_of(room.model(id=4, code="B\n12 ")) == "B 12"
    assert len(room.title_of(room.model(id=4, code="B" * 4000))) == 200
    assert room.title_of(room.model(id=4, code="  ")) == "Room 4"
    assert room.title_of(room.model(id=4)) == "Room 4"


def test_columns_of_a_class_are_read_off_its_table(pages) -> None:
    """Kinds, lengths, defaults and references; what has no kind is left out, and so is what is worked out."""
    config = {"object_types": {"cup": "Cup"}, "schema_version": "1"}
    cup = pages(config, MODELS)["cup"]
    kinds = {each.name: each.column.kind for each in cup.fields}
    assert kinds == {
        "group_id": "integer", "user_id": "integer", "name": "string", "state": "string",
        "small": "smallint", "big": "bigint", "weight": "double", "is_clean": "boolean",
        "story": "text", "rank": "integer", "code": "string",
        "made_at": "timestamp", "due_at": "datetime", "token": "string",
    }  # fmt: skip
    assert [each.name for each in cup.edited] == [
        "name", "state", "small", "big", "weight", "is_clean", "story", "rank", "due_at",
    ]  # fmt: skip
    assert (cup.key.key, cup.title, cup.scope) == ("cup_id", "name", "group")
    name, state, small, weight = (named(cup)[each] for each in ("name", "state", "small", "weight"))
    assert (name.column.size, name.column.not_null, state.choices) == (40, True, ("full", "empty"))
    assert (state.column.default, small.column.default, float(weight.column.default)) == (
        "full", 3, 1.5,
    )  # fmt: skip
    assert (named(cup)["is_clean"].column.default, named(cup)["rank"].column.default) == (True, 4)
    assert cup.user_column is not None
    assert "new" in cup.offers


def test_a_class_with_column_defs_and_one_with_two_keys(site, pages) -> None:
    config = {"object_types": {"note": "Note", "pair": "Pair"}, "schema_version": "1"}
    note = pages(config, MODELS)["note"]
    assert (note.columns, note.title, note.view) == (("body",), "", "permission")
    assert site.engine.plugins["probe"].pages.without == {
        "pair": "Its key is not one whole number."
    }


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"cup": {"sort": "nme"}}, "pages > cup > sort: 'nme'. The type has no such column"),
        ({"cup": {"columns": ["extra"]}}, "pages > cup > columns: 'extra'. The type has no such"),
        ({"cup": {"sort": "story"}}, "pages > cup > sort: 'story'. Lists are not sorted"),
        ({"cup": {"view": "people"}}, "pages > cup > view: 'people'. Whoever sees the group"),
        ({"pair": {}}, "pages > pair: 'pair'. The type has no pages: its key"),
        ({"group": {}}, "pages > group: 'group'. This type is not the plugin's own"),
    ],
)
def test_what_a_class_belies_takes_the_plugin_out_of_service(
    site, make_plugin, said, cause
) -> None:
    """With the place and the rule, as for what stands in YAML; extensions have no pages of their own."""
    types = {"cup": "Cup", "pair": "Pair", "group": {"shelf": "string"}}
    config = {"object_types": types, "pages": said}
    make_plugin("probe", config=config, files={"models.py": MODELS})
    site.force("probe")
    assert f"config.yml, {cause}" in site.engine.problems["probe"].cause
