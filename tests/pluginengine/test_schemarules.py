"""What no migration and no model may do to the database: refused by name, and nothing is left (design 7)."""

from textwrap import dedent, indent

import pytest
from sqlalchemy import inspect

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import migrator
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import Refused

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "one"
down_revision = None


def upgrade():
{body}
"""
KEY_OF_CORE = """
op.create_table("plugin_probe_thing", sa.Column("thing_id", sa.Integer, primary_key=True))
op.execute("ALTER TABLE groups ADD COLUMN thing_id INTEGER REFERENCES plugin_probe_thing")
"""
TRIGGER = """
if op.get_bind().dialect.name == "sqlite":
    op.execute("CREATE TRIGGER plugin_probe_t AFTER UPDATE ON users BEGIN SELECT 1; END")
else:
    op.execute(
        "CREATE FUNCTION plugin_probe_f() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER plugin_probe_t AFTER UPDATE ON users FOR EACH ROW"
        " EXECUTE FUNCTION plugin_probe_f()"
    )
"""
REFERENCE = """
op.create_table(
    "plugin_probe_thing",
    sa.Column("thing_id", sa.Integer, primary_key=True),
    sa.Column("other_id", sa.Integer, sa.ForeignKey({key})),
)
"""
OTHERS = """
op.execute("CREATE TABLE plugin_probe_thing (other_id INTEGER PRIMARY KEY REFERENCES {target})")
"""
#: What the issue lists, and what it says of references: the code, and what the refusal must name.
ILLEGAL = {
    "a table outside the prefix": (
        'op.create_table("things", sa.Column("x", sa.Integer))',
        ["things"],
    ),
    "a column of a core table": (
        'op.add_column("users", sa.Column("mine", sa.Integer))',
        ["users.mine"],
    ),
    "a foreign key from the core": (KEY_OF_CORE, ["groups.thing_id", "foreign key"]),
    "a trigger on a core table": (TRIGGER, ["trigger plugin_probe_t on users"]),
    "a dropped core index": (
        'op.drop_index("ix_engine_handlers_plugin_id", "engine_handlers")',
        ["ix_engine_handlers_plugin_id", "engine_handlers"],
    ),
    "a reference that keeps core rows": (
        REFERENCE.format(key='"groups.group_id"'),
        ["plugin_probe_thing.other_id", "groups"],
    ),
    "a reference to another plugin's table": (
        OTHERS.format(target="plugin_probes_x(x) ON DELETE CASCADE"),
        ["plugin_probe_thing.other_id", "plugin_probes_x"],
    ),
}


def dump(settings) -> str:
    """Return everything that the database knows about its own form."""
    inspector = inspect(db.engine_for(settings.database_url))
    if inspector.dialect.name == "sqlite":
        with inspector.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
            return "\n".join(sorted(map(str, rows)))
    found = {
        "columns": inspector.get_multi_columns(),
        "indexes": inspector.get_multi_indexes(),
        "keys": inspector.get_multi_foreign_keys(),
        "unique": inspector.get_multi_unique_constraints(),
        "sequences": inspector.get_sequence_names(),
    }
    with inspector.engine.connect() as connection:
        active = "SELECT tgname, tgrelid FROM pg_trigger UNION ALL SELECT proname, oid FROM pg_proc"
        rows = sorted(map(str, connection.exec_driver_sql(active)))
    return str(found) + "\n".join(rows)


@pytest.fixture
def migrate(app, tmp_path):
    """Run the body of one revision as the plugin "probe", in a unit of work of its own."""

    def run(body: str) -> None:
        folder = tmp_path / "probe"
        (folder / "migrations").mkdir(parents=True)
        code = REVISION.format(body=indent(dedent(body).strip(), "    "))
        (folder / "migrations" / "one.py").write_text(code)
        with app.app_context(), unit_of_work("write"), running_as("probe"):
            migrator.upgrade(db.session.connection(), "probe", folder, ["migrations"])

    return run


@pytest.mark.parametrize(("body", "named"), ILLEGAL.values(), ids=ILLEGAL)
def test_an_illegal_migration_is_refused_by_name_and_leaves_no_trace(
    migrate, settings, app, body, named
):
    if "probes_x" in body:
        with app.app_context(), unit_of_work("write"):
            db.session.execute(db.text("CREATE TABLE plugin_probes_x (x INTEGER PRIMARY KEY)"))
    before = dump(settings)
    with pytest.raises(Refused) as refusal:
        migrate(body)
    assert [each for each in named if each not in refusal.value.cause] == []
    assert dump(settings) == before


@pytest.mark.parametrize(
    "key",
    [
        '"groups.group_id", ondelete="CASCADE"',
        '"users.user_id", ondelete="SET NULL"',
        '"plugin_probe_thing.thing_id", ondelete="CASCADE"',
    ],
)
def test_references_that_let_core_rows_go_are_a_plugins_right(migrate, settings, key):
    migrate(REFERENCE.format(key=key))
    assert "plugin_probe_thing" in dump(settings)


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (
            "ForeignKey(Group.__table__.c.group_id)",
            "plugin_probe_thing.other_id refers to groups and would keep its rows from being deleted",
        ),
        (
            "ForeignKey('plugin_probes_x.x', ondelete='CASCADE')",
            "plugin_probe_thing.other_id refers to plugin_probes_x, which is neither",
        ),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_model_is_judged_when_its_class_is_made(site, make_plugin, key, fault):
    models = f"""
        from sqlalchemy import ForeignKey
        from sqlalchemy.orm import Mapped, mapped_column
        from portal.pluginapi import Group, plugin_model

        Model = plugin_model()


        class Thing(Model):
            thing_id: Mapped[int] = mapped_column(primary_key=True)
            other_id: Mapped[int] = mapped_column({key})
    """
    make_plugin("probe", files={"models.py": models})
    site.force("probe")
    assert fault in site.engine.problems["probe"].cause


PARENT_AND_CHILD = """
op.create_table(
    "plugin_probe_parent",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("text", sa.String(9)),
)
op.create_table(
    "plugin_probe_child",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("parent_id", sa.Integer, sa.ForeignKey("plugin_probe_parent.id", ondelete="CASCADE")),
)
op.execute("INSERT INTO plugin_probe_parent VALUES (1, 'kept')")
{child}
with op.batch_alter_table("plugin_probe_parent") as batch:
    batch.alter_column("text", type_=sa.String(20), existing_type=sa.String(9))
"""
CHILD = 'op.execute("INSERT INTO plugin_probe_child VALUES (1, 1)")'


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_batch_that_would_take_rows_of_another_table_along_is_refused(migrate, settings) -> None:
    """Engineering A1: with foreign keys in force, dropping the old table deletes what refers to it."""
    before = dump(settings)
    with pytest.raises(Refused, match="would take the rows of plugin_probe_child with it"):
        migrate(PARENT_AND_CHILD.format(child=CHILD))
    assert dump(settings) == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_batch_that_nothing_refers_to_is_a_plugins_right(migrate, settings) -> None:
    migrate(PARENT_AND_CHILD.format(child=""))
    assert "VARCHAR(20)" in dump(settings)
