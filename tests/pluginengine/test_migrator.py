"""A plugin's own Alembic history: in the host's transaction, kept to its own names (design 7, B4)."""

from textwrap import dedent, indent

import pytest
from sqlalchemy import inspect

from portal.core.database import db
from portal.core.unit_of_work import unit_of_work
from portal.pluginengine import migrator
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import HandlerMisuse, Refused

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{name}"
down_revision = {down!r}


def upgrade():
{body}
"""
THING = """
op.create_table(
    "plugin_probe_thing",
    sa.Column("thing_id", sa.Integer, primary_key=True),
    sa.Column("group_id", sa.Integer, sa.ForeignKey("groups.group_id", ondelete="CASCADE"), index=True),
    sa.Column("text", sa.String(80), unique=True),
    sa.CheckConstraint("thing_id > 0", name="positive"),
)
"""


@pytest.fixture
def history(tmp_path):
    """Write revisions: ``history(("one", None, "op.create_table(...)"), ...)``; returns the folder."""
    folder = tmp_path / "probe"

    def write(*revisions: tuple[str, str | None, str]):
        (folder / "migrations").mkdir(parents=True, exist_ok=True)
        for name, down, body in revisions:
            code = indent(dedent(body).strip(), "    ")
            (folder / "migrations" / f"{name}.py").write_text(
                REVISION.format(name=name, down=down, body=code)
            )
        return folder

    return write


@pytest.fixture
def migrate(app):
    """Run the history in a unit of work of its own, as the plugin; returns the names of what it made."""

    def run(folder, paths=("migrations",)):
        with app.app_context(), unit_of_work("write"), running_as("probe"):
            return migrator.upgrade(db.session.connection(), "probe", folder, paths)

    return run


@pytest.fixture
def schema(settings):
    """Look at the database: ``schema().get_table_names()``."""
    return lambda: inspect(db.engine_for(settings.database_url))


def test_revisions_make_tables_and_are_recorded_in_a_table_of_the_plugins_own(
    history, migrate, schema
):
    made = migrate(history(("one", None, THING)))
    assert made == ["plugin_probe_migrations", "plugin_probe_thing"]
    assert set(made) <= set(schema().get_table_names())


def test_what_has_no_name_is_given_one_with_the_prefix(history, migrate, schema):
    migrate(history(("one", None, THING)))
    table = "plugin_probe_thing"
    assert [each["name"] for each in schema().get_indexes(table) if not each["unique"]] == [
        "plugin_probe_thing_group_id_ix"
    ]
    names = [
        *(each["name"] for each in schema().get_unique_constraints(table)),
        *(each["name"] for each in schema().get_foreign_keys(table)),
        *(each["name"] for each in schema().get_check_constraints(table)),
        schema().get_pk_constraint(table)["name"],
    ]
    assert all(name.startswith("plugin_probe_thing_") for name in names)
    assert len(names) == 4


def test_each_revision_runs_once(history, migrate):
    folder = history(("one", None, THING))
    migrate(folder)
    assert migrate(folder) == []
    history(("two", "one", 'op.add_column("plugin_probe_thing", sa.Column("more", sa.Integer))'))
    assert migrate(folder) == []


def test_batches_rebuild_the_plugins_own_tables_with_their_rows(history, migrate, schema, app):
    folder = history(("one", None, THING))
    migrate(folder)
    batch = """
    op.execute("INSERT INTO plugin_probe_thing (thing_id, text) VALUES (1, 'kept')")
    with op.batch_alter_table("plugin_probe_thing") as batch:
        batch.alter_column("text", nullable=False, existing_type=sa.String(80))
    """
    history(("two", "one", batch))
    migrate(folder)
    columns = {
        each["name"]: each["nullable"] for each in schema().get_columns("plugin_probe_thing")
    }
    assert columns["text"] is False
    with app.app_context(), unit_of_work("read"):
        rows = db.session.execute(db.text("SELECT thing_id, text FROM plugin_probe_thing"))
        assert rows.all() == [(1, "kept")]


def test_a_core_index_with_a_condition_is_no_change(history, migrate, app):
    """What inspection finds holds SQL expressions, which are new objects each time."""
    with app.app_context(), unit_of_work("write"):
        db.session.execute(db.text("CREATE UNIQUE INDEX odd ON users (theme) WHERE user_id < 0"))
    try:
        assert "plugin_probe_thing" in migrate(history(("one", None, THING)))
    finally:
        with app.app_context(), unit_of_work("write"):
            db.session.execute(db.text("DROP INDEX odd"))


def test_without_a_history_there_is_nothing_to_do(tmp_path, migrate):
    assert migrate(tmp_path) == []
    assert migrate(tmp_path, paths=()) == []


def test_several_heads_are_refused(history, migrate, schema):
    before = set(schema().get_table_names())
    folder = history(("one", None, THING), ("two", "one", "pass"), ("three", "one", "pass"))
    with pytest.raises(Refused, match="have several heads: three, two") as refusal:
        migrate(folder)
    assert "alembic merge" in refusal.value.remedy
    assert set(schema().get_table_names()) == before


TRIGGER = """
if op.get_bind().dialect.name == "sqlite":
    op.execute("CREATE TRIGGER {name} AFTER UPDATE ON {table} BEGIN SELECT 1; END")
else:
    op.execute(
        "CREATE FUNCTION plugin_probe_f() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION plugin_probe_f()"
    )
"""
FOREIGN = {
    "a trigger of a core table": (
        TRIGGER.format(name="plugin_probe_t", table="users"),
        "trigger plugin_probe_t on users",
    ),
    "a trigger without its prefix": (
        THING + TRIGGER.format(name="sneaky", table="plugin_probe_thing"),
        "trigger sneaky on plugin_probe_thing",
    ),
    "a table": ('op.create_table("things", sa.Column("x", sa.Integer))', "things"),
    "another plugin's table": (
        'op.create_table("plugin_probes_x", sa.Column("x", sa.Integer))',
        "plugin_probes_x",
    ),
    "an index of a core table": ('op.create_index("sneaky", "users", ["theme"])', "users"),
    "an index with its prefix on a core table": (
        'op.create_index("plugin_probe_ix", "users", ["theme"])',
        "users",
    ),
    "an index of its own table": (
        f'{dedent(THING)}\nop.create_index("sneaky", "plugin_probe_thing", ["text"])',
        "sneaky",
    ),
    "a view": ('op.execute("CREATE VIEW sneaky AS SELECT 1 AS one")', "sneaky"),
    "a column of a core table": (
        'op.add_column("users", sa.Column("mine", sa.Integer))',
        "users",
    ),
    "a dropped core table": ('op.drop_table("group_plugin")', "group_plugin"),
    "a renamed core table": ('op.rename_table("group_plugin", "plugin_probe_x")', "group_plugin"),
}


@pytest.mark.parametrize(("body", "name"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_not_the_plugins_own_is_refused_and_nothing_is_left(
    history, migrate, schema, body, name
):
    before = {table: schema().get_columns(table) for table in schema().get_table_names()}
    folder = history(("one", None, f"{body}"))
    with pytest.raises(Refused) as refusal:
        migrate(folder)
    assert name in refusal.value.cause
    assert "must begin with plugin_probe_" in refusal.value.remedy
    after = {table: schema().get_columns(table) for table in schema().get_table_names()}
    assert str(after) == str(before)


def test_a_trigger_of_its_own_table_is_the_plugins_own(history, migrate):
    trigger = TRIGGER.format(name="plugin_probe_t", table="plugin_probe_thing")
    folder = history(("one", None, THING + trigger))
    assert "plugin_probe_thing" in migrate(folder)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (
            "CREATE RULE plugin_probe_r AS ON DELETE TO users DO INSTEAD NOTHING",
            "rule plugin_probe_r",
        ),
        ("CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function sneaky"),
    ],
)
def test_rules_and_functions_are_judged_like_triggers(history, migrate, statement, name):
    with pytest.raises(Refused, match=name):
        migrate(history(("one", None, f'op.execute("{statement}")')))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET theme = 'dark'",
        "DELETE FROM groups",
        "INSERT INTO engine_site (site_id, generation) VALUES (2, 2)",
    ],
)
def test_rows_of_the_core_are_refused_too(history, migrate, statement):
    with pytest.raises(HandlerMisuse, match="would change rows of"):
        migrate(history(("one", None, f'op.execute("{statement}")')))


def test_whatever_a_revision_raises_goes_through(history, migrate):
    with pytest.raises(ZeroDivisionError):
        migrate(history(("one", None, "1 / 0")))
