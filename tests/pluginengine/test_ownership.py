"""A plugin changes its own rows and no others, whoever calls it and however it writes (design 7)."""

from contextlib import nullcontext

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from portal.groups.models import Group
from portal.groups.queries import find_group
from portal.jobs.worker import JobRunner
from portal.pluginengine.context import running_as
from portal.pluginengine.errors import HandlerMisuse, Refused
from portal.pluginengine.ownership import changed_tables
from tests.factories import make_group, make_user

CODE = {
    "models.py": """
        from sqlalchemy.orm import Mapped, mapped_column
        from portal.pluginapi import plugin_model

        Model = plugin_model()


        class Thing(Model):
            thing_id: Mapped[int] = mapped_column(primary_key=True)
            text: Mapped[str]
    """,
    "migrations/0001_thing.py": """
        import sqlalchemy as sa
        from alembic import op

        revision = "probe_1"
        down_revision = None


        def upgrade():
            op.create_table(
                "plugin_probe_thing",
                sa.Column("thing_id", sa.Integer, primary_key=True),
                sa.Column("text", sa.String(80), nullable=False),
            )
    """,
}
VIEWS = """
from flask import Blueprint, url_for
from sqlalchemy import delete, insert, text, update
from portal.pluginapi import Group, User, current, db, transaction
from .models import Thing

bp = Blueprint("probe", __name__)


@bp.post("/g/<group>/")
def change():
    {deed}
    return "done"
"""

CORE_DEEDS = {
    "hides an update behind a with": (
        "db.session.execute(text(\"WITH x AS (SELECT 1) UPDATE groups SET full_name = 'P'\"))",
        "groups",
    ),
    "hides an update behind a comment": (
        "db.session.execute(text(\"/* x */ UPDATE groups SET full_name = 'P'\"))",
        "groups",
    ),
    "changes a row": ("current.group.full_name = 'Mine'", "groups"),
    "changes and flushes a row": ("current.group.full_name = 'Mine'; db.session.flush()", "groups"),
    "adds a row": (
        "db.session.add(User(user_name='mole', real_name='M', email='m', email_ci='m'))",
        "users",
    ),
    "deletes a row": ("db.session.delete(current.group)", "groups"),
    "updates in bulk": ("db.session.execute(update(Group).values(full_name='Mine'))", "groups"),
    "deletes in bulk": ("db.session.execute(delete(User))", "users"),
    "inserts in bulk": (
        "db.session.execute(insert(User), [dict(user_name='m', real_name='M', email='m', email_ci='m')])",
        "users",
    ),
    "changes a row and asks for a page": (
        "current.group.full_name = 'Mine'; "
        "from flask import render_template; render_template('layouts/plugin.html')",
        "groups",
    ),
    "changes a row and queries": (
        "current.group.full_name = 'Mine'; from sqlalchemy import select; "
        "db.session.scalars(select(Group)).all()",
        "groups",
    ),
}
OWN_DEEDS = {
    "adds a row": "db.session.add(Thing(thing_id=1, text='x'))",
    "adds and changes a row": (
        "thing = Thing(thing_id=1, text='y'); db.session.add(thing); db.session.flush(); "
        "thing.text = 'x'"
    ),
    "inserts in bulk": "db.session.execute(insert(Thing), [dict(thing_id=1, text='x')])",
    "updates in bulk": (
        "db.session.add(Thing(thing_id=1, text='y')); "
        "db.session.execute(update(Thing).values(text='x'))"
    ),
}


@pytest.fixture
def make_probe(site, make_plugin):
    """Write, enable and use the probe whose view does ``deed``; returns the answer to a post."""

    def make(deed: str, **config):
        files = {**CODE, "views.py": VIEWS.format(deed=deed)}
        make_plugin("probe", config={"scope": ["group"], **config}, files=files)
        site.enable("probe")
        with site.arrange():
            make_group("apollo").set_plugin_usage("probe", True)
        return site.client().post("/plugins/probe/g/apollo/")

    return make


@pytest.mark.parametrize(("deed", "table"), CORE_DEEDS.values(), ids=CORE_DEEDS)
def test_a_view_that_changes_a_core_row_is_refused_by_name(site, make_probe, caplog, deed, table):
    answer = make_probe(deed)
    assert answer.status_code == 500
    refusal = f"The plugin probe would change rows of {table}, which is not its own."
    assert refusal in caplog.text
    with site.arrange("read"):
        assert [group.full_name for group in db.session.scalars(select(Group))] == ["Apollo"]
        assert not db.session.scalars(select(User)).all()


@pytest.mark.parametrize("deed", OWN_DEEDS.values(), ids=OWN_DEEDS)
def test_a_view_changes_rows_of_its_own(site, make_probe, deed):
    assert make_probe(deed).status_code == 200
    assert site.rows("plugin_probe_thing") == [(1, "x")]


def test_what_a_view_reads_and_leaves_alone_is_no_change(make_probe):
    assert make_probe("current.group.full_name = current.group.full_name").status_code == 200


def test_a_declared_table_may_be_changed(site, make_probe):
    """`writes:` in config.yml, shown before the plugin is installed."""
    answer = make_probe("current.group.full_name = 'Mine'", writes=["groups"])
    assert answer.status_code == 200
    with site.arrange("read"):
        assert find_group("apollo", None).full_name == "Mine"


def test_a_declared_table_opens_no_other(make_probe, caplog):
    answer = make_probe("db.session.execute(delete(User))", writes=["groups"])
    assert answer.status_code == 500
    assert "would change rows of users" in caplog.text


def test_services_of_the_api_write_for_the_plugin(site, make_probe):
    deed = "current.group.set_plugin_usage('probe', False)"
    assert make_probe(deed).status_code == 200
    with site.arrange("read"):
        assert find_group("apollo", None).plugin_choice("probe") is False


def test_a_handler_that_changes_a_core_row_is_refused_by_name(site, make_plugin):
    make_plugin(
        "probe",
        events={"group_plugin_changing": ["meddle"]},
        methods="def meddle(self, group):\n    group.full_name = 'Mine'",
    )
    site.enable("probe")
    with site.arrange():
        make_group("apollo").set_plugin_usage("probe", True)
    with site.arrange():
        assert find_group("apollo", None).set_plugin_usage("probe", False)
    errors = [each.error for each in site.engine.health.incidents()]
    assert "The plugin probe would change rows of groups" in errors[0]
    with site.arrange("read"):
        assert find_group("apollo", None).full_name == "Apollo"


def test_what_a_view_left_unflushed_is_still_its_own_when_a_hook_flushes_it(
    site, make_probe, make_plugin, caplog
):
    make_plugin(
        "second",
        config={"scope": ["site"]},
        events={"project_after_description": ["answer"]},
        methods="def answer(self):\n    return 'words'",
    )
    site.enable("second")
    deed = (
        "current.group.full_name = 'Mine'\n"
        "    from flask import render_template_string as render\n"
        "    render('{{ hook(\"project_after_description\", group=current.group) }}')\n"
        "    raise AssertionError('never reached')"
    )
    assert make_probe(deed).status_code == 500
    assert "The plugin probe would change rows of groups" in caplog.text
    assert "never reached" not in caplog.text


def test_another_plugins_table_is_as_foreign_as_the_cores(site, make_probe, make_plugin):
    make_probe("pass")
    make_plugin(
        "second",
        events={"group_plugin_use": ["meddle"]},
        methods="""
            def meddle(self):
                from portal.pluginapi import db
                import sys
                models = next(m for n, m in sys.modules.items() if n.endswith("models") and "probe_" in n)
                db.session.add(models.Thing(thing_id=2, text="foreign"))
        """,
    )
    site.enable("second")
    with site.arrange():
        assert find_group("apollo", None).set_plugin_usage("second", True)
    errors = [each.error for each in site.engine.health.incidents()]
    assert "The plugin second would change rows of plugin_probe_thing" in errors[0]
    assert not site.rows("plugin_probe_thing")


def test_a_refused_row_stays_refused_however_often_it_is_flushed(make_probe):
    deed = (
        "db.session.add(User(user_name='mole', real_name='M', email='m', email_ci='m'))\n"
        "    try:\n        db.session.flush()\n    except Exception:\n        pass"
    )
    assert make_probe(deed).status_code == 500


def test_the_host_itself_writes_what_it_likes(site):
    with site.arrange():
        make_user("alice")
    with pytest.raises(HandlerMisuse), site.arrange(), running_as("probe"):
        make_user("bob")
    with site.arrange("read"):
        assert db.session.scalars(select(User.user_name)).all() == ["alice"]


@pytest.mark.parametrize("callback", ["install", "enable"])
def test_a_callback_that_changes_a_core_row_is_refused_by_name(site, make_plugin, callback):
    with site.arrange():
        make_user("alice")
    make_plugin(
        "probe",
        methods=f"""
            def {callback}(self, config, app):
                from portal.pluginapi import db
                from sqlalchemy import text
                db.session.execute(text("UPDATE users SET real_name = 'P'"))
        """,
    )
    site.operate("register", "probe")
    with pytest.raises(Refused, match="would change rows of users"):
        site.operate("enable", "probe")
    with site.arrange("read"):
        assert db.session.scalar(select(User.real_name)) == "Alice"


def test_a_job_that_changes_a_core_row_is_refused_by_name(site, make_plugin):
    make_plugin(
        "probe",
        methods="""
            from portal.pluginapi import job

            @job()
            def rename(self):
                from portal.pluginapi import db
                from sqlalchemy import text
                db.session.execute(text("UPDATE users SET real_name = 'P'"))
        """,
    )
    site.enable("probe")
    with site.arrange():
        make_user("alice")
    with pytest.raises(HandlerMisuse, match="The plugin probe would change rows of users"):
        JobRunner(lambda: nullcontext(site.app))("probe", "rename", "{}")
    with site.arrange("read"):
        assert db.session.scalar(select(User.real_name)) == "Alice"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET x = 1",
        "DO $$ BEGIN UPDATE users SET x = 1; END $$",
        r"SELECT E'\''; UPDATE users SET x = 1; SELECT ''",
        "SELECT $$'$$; UPDATE users SET x = 1; SELECT $$'$$",
        "SELECT 'it''s'; UPDATE users SET x = 1 -- '",
    ],
)
def test_no_text_hides_a_change(statement):
    """Engineering A4: PostgreSQL's ways to write a text are known, too."""
    assert changed_tables(statement) == ["users"]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'UPDATE users SET x = 1'",
        r"SELECT E'\' UPDATE users SET x = 1'",
        "SELECT 1 -- UPDATE users SET x = 1",
    ],
)
def test_what_stands_in_a_text_changes_nothing(statement):
    assert changed_tables(statement) == []
