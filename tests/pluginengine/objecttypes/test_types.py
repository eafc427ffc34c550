"""The types that plugins declare: classes, YAML and models, with tables of their own (M-14 to M-19)."""

import pytest
from sqlalchemy import inspect, select

from portal.core.database import db
from portal.groups.models import Group
from portal.pluginengine.errors import PluginError
from portal.pluginengine.typeaccess import model_of
from tests.factories import make_group

#: The seed's example (M-17, M-18), word for word where Perl and Python agree.
SEED = {
    "models.py": """
        from portal.pluginapi import ObjectType


        class Foo(ObjectType):
            column_defs = {
                "id": "integer not null auto_increment",
                "blog_id": "integer not null",
                "title": "string(255)",
                "text": "text",
            }

            def headline(self):
                return self.title.upper()


        class Bar(ObjectType):
            column_defs = {"foo_id": "integer"}
    """,
    "plugin.py": """
        from sqlalchemy import select
        from portal.pluginapi import Plugin, db


        class Probe(Plugin):
            def describe(self, group):
                found = db.session.scalars(select(self.type("foo")).order_by("id"))
                return ", ".join(row.headline() for row in found)
    """,
    "event.yml": "project_after_description: [{handler: describe, type: NORMAL}]",
    "views.py": """
        from flask import Blueprint
        from portal.pluginapi import current, db, object_type
        from .models import Foo

        bp = Blueprint("probe", __name__)


        @bp.post("/g/<group>/")
        def add():
            assert object_type("foo") is Foo
            assert object_type("blog") is type(current.group)
            db.session.add(Foo(blog_id=current.group.group_id, title="new"))
            return "done"
    """,
}
REGISTRY = {
    "version": "1.0",
    "schema_version": "1",
    "object_types": {"foo": "models:Foo", "bar": "models:Bar"},
    "policy": {"group": "forced"},
    "scope": ["group"],
}


def columns(site, table):
    """Return the columns of a table: name, type and whether it may be empty."""
    inspector = inspect(db.engine_for(site.settings.database_url))
    return [
        (each["name"], str(each["type"]), each["nullable"]) for each in inspector.get_columns(table)
    ]


def test_the_seeds_example_runs_as_it_stands(site, make_plugin) -> None:
    """M-14, M-16 to M-18: two types with their classes, a table each; a row is an object of its class."""
    make_plugin("probe", config=REGISTRY, files=SEED)
    site.operate("install", "probe")
    assert columns(site, "plugin_probe_foo") == [
        ("id", "INTEGER", False),
        ("blog_id", "INTEGER", False),
        ("title", "VARCHAR(255)", True),
        ("text", "TEXT", True),
    ]
    assert "plugin_probe_bar" in site.tables()
    assert ("schema_version", "1") in site.rows("plugin_probe_meta_data")
    with site.arrange():
        group = make_group("apollo")
        foo = model_of("probe", "foo")
        db.session.add(foo(blog_id=group.group_id, title="hello"))
    client = site.client()
    assert client.post("/plugins/probe/g/apollo/").data == b"done"
    assert b"HELLO, NEW" in client.get("/groups/apollo/").data


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_core_has_its_types_in_the_same_registry(site, make_plugin) -> None:
    """M-15, 1C.11: user and group, also under the names that Movable Type gives them."""
    make_plugin("probe", config=REGISTRY, files=SEED)
    site.operate("install", "probe")
    with site.app.app_context():
        assert model_of("probe", "group") is model_of("probe", "blog") is Group
        assert model_of("probe", "user") is model_of("probe", "author")
        with pytest.raises(PluginError, match="no type baz; it has foo, bar, author, blog"):
            model_of("probe", "baz")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_types_stand_in_the_manifest_and_in_files_of_orm_path(site, make_plugin) -> None:
    """E-20, 3.3.2: a mapping of columns is a new type, in config.yml and in YAML files."""
    make_plugin(
        "probe",
        config={
            "schema_version": "1",
            "orm.path": ["orm", "more.yml"],
            "object_types": {"note": {"body": "text not null default 'none'"}},
        },
        files={
            "orm/one.yml": "star: {name: string(80) not null, mass: double}",
            "orm/readme.txt": "not a definition",
            "more.yml": "orbit_of_star: {star_id: integer}",
        },
    )
    site.operate("install", "probe")
    assert {"plugin_probe_note", "plugin_probe_star", "plugin_probe_orbit_of_star"} <= site.tables()
    with site.arrange():
        star, note = model_of("probe", "star"), model_of("probe", "note")
        assert star.__name__ == "Star"
        db.session.add_all([star(name="Vega", mass=2.1), note()])
        db.session.flush()
        assert db.session.scalars(select(note.body)).all() == ["none"]
    with pytest.raises(TypeError, match="has no column 'wrong'"):
        star(wrong=1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_faulty_file_of_orm_path_is_told_with_its_place(site, make_plugin) -> None:
    make_plugin("probe", config={"orm.path": ["orm"]}, files={"orm/a.yml": "star: {name: strong}"})
    found = site.runtime.discovery.found()["probe"]
    assert [(each.file, each.key) for each in found.faults] == [("orm/a.yml", "star > name")]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_model_of_the_plugins_own_may_be_a_type(site, make_plugin) -> None:
    models = """
        from sqlalchemy.orm import Mapped, mapped_column
        from portal.pluginapi import group_fk, plugin_model

        Model = plugin_model()


        class Thing(Model):
            thing_id: Mapped[int] = mapped_column(primary_key=True)
            group_id: Mapped[int] = group_fk()
    """
    make_plugin(
        "probe",
        config={"schema_version": "1", "object_types": {"thing": "Thing"}},
        files={"models.py": models},
    )
    site.operate("install", "probe")
    assert [name for name, *_rest in columns(site, "plugin_probe_thing")] == [
        "thing_id",
        "group_id",
    ]


@pytest.mark.parametrize(
    ("types", "models", "fault"),
    [
        ({"foo": "Foo"}, "", "models.py has no class Foo that extends ObjectType"),
        ({"foo": "User"}, "from portal.pluginapi import User", "models.py has no class User"),
        (
            {"group": "Foo"},
            "from portal.pluginapi import ObjectType\nclass Foo(ObjectType): column_defs = {'a': 'text'}",
            "The type group exists already; declare fields to extend it, not a class.",
        ),
        (
            {"foo": "Foo"},
            "from portal.pluginapi import ObjectType\nclass Foo(ObjectType): column_defs = {'a': 'strong'}",
            "Foo.column_defs, a: 'strong' is refused. A column definition begins with",
        ),
        (
            {"foo": "Foo", "bar": "Foo"},
            "from portal.pluginapi import ObjectType\nclass Foo(ObjectType): column_defs = {'a': 'text'}",
            "two types name models:Foo",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_type_that_cannot_be_made_keeps_its_plugin_from_running(
    site, make_plugin, types, models, fault
) -> None:
    """M-25: what exists is extended, never declared anew; the reason is the same at every try."""
    make_plugin(
        "probe",
        config={"schema_version": "1", "object_types": types},
        files={"models.py": models} if models else {"plugin.py": ""},
    )
    site.force("probe")
    for _again in range(2):
        site.refresh()
        problem = site.engine.problems["probe"]
        assert problem.kind in ("broken", "schema")
    with pytest.raises(Exception, match="cannot run") as refusal:
        site.operate("update", "probe")
    assert fault in str(refusal.value)
