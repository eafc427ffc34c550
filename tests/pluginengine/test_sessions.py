"""The fence around handlers: whatever one does to the transaction costs its own fragment (engineering A4)."""

import pytest
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.database import db
from portal.core.transactions import refuse_if_guarded
from portal.groups.models import Group
from portal.groups.queries import find_group
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.sessions import SessionFence
from tests.factories import make_group, make_member, make_user
from tests.fixtures.databases import postgresql_slowly

PAGE = "/groups/apollo/"
TOGGLES = "/groups/apollo/admin/plugins"

ENDING = {
    "commits": "db.session.commit()",
    "rolls back": "db.session.rollback()",
    "closes": "db.session.close()",
    "removes": "db.session.remove()",
    "resets": "db.session().reset()",
    "invalidates": "db.session().invalidate()",
    "forgets all": "db.session.expunge_all()",
    "raw COMMIT": "db.session.execute(text('COMMIT'))",
    "raw ROLLBACK": "db.session.execute(text(' rollback'))",
    "raw COMMIT behind a comment": "db.session.execute(text('/* so */ -- there\\n COMMIT'))",
    "raw SET": "db.session.execute(text('SET TRANSACTION READ WRITE'))",
    "raw PRAGMA": "db.session.execute(text('PRAGMA query_only=0'))",
    "connection commits": "db.session.connection().commit()",
    "connection rolls back": "db.session.connection().rollback()",
    "connection closes": "db.session.connection().close()",
    "makes a table": "db.session.execute(text('CREATE TABLE plugin_bad_thing (x integer)'))",
    "swallows a database error": (
        "try:\n        db.session.execute(text('SELECT * FROM no_such_table'))\n"
        "    except Exception:\n        pass"
    ),
    "meets a database error": "db.session.execute(text('SELECT * FROM no_such_table'))",
    "raises": "raise ValueError('no luck')",
    "leaves": "raise SystemExit(3)",
}
WRITING = {
    "changes a core row": "group.full_name = 'Mine'",
    "adds a core row": (
        "db.session.add(User(user_name='mole', real_name='M', email='m', email_ci='m'))"
    ),
    "deletes a core row": "db.session.delete(group)",
    "flushes a changed core row": "group.full_name = 'Mine'\n    db.session.flush()",
    "updates core rows": "db.session.execute(update(Group).values(full_name='Mine'))",
}
MISDEEDS = {**ENDING, **WRITING}
#: Ways around the session, and what would make it forget rows that the page shows.
BYPASSING = {
    "raw COMMIT behind a semicolon": "db.session.execute(text('; COMMIT'))",
    "raw ROLLBACK TO": "db.session.execute(text('ROLLBACK TO SAVEPOINT sa_savepoint_1'))",
    "raw RELEASE": "db.session.execute(text('RELEASE SAVEPOINT sa_savepoint_1'))",
    "raw SAVEPOINT": "db.session.execute(text('SAVEPOINT mine'))",
    "transaction rolls back": "db.session.get_transaction().rollback()",
    "savepoint rolls back": "(db.session.get_nested_transaction() or db.session).rollback()",
    "connection's transaction rolls back": "db.session.connection().get_transaction().rollback()",
    "driver commits": "db.session.connection().connection.driver_connection.commit()",
    "driver rolls back": "db.session.connection().connection.rollback()",
    "driver runs a script": (
        "db.session.connection().connection.cursor().executescript('SELECT 1')"
    ),
    "engine connects": "db.engine.connect()",
    "engine begins": "db.engine.begin().__enter__()",
    "engine gives the driver's": "db.engine.raw_connection()",
    "engine of its own options": "db.engine.execution_options(x=1).connect()",
    "forgets a core row": "db.session.expunge(group)",
    "expires a core row": "db.session.expire(group)",
    "expires all": "db.session.expire_all()",
    "makes a core row transient": "make_transient(group)",
    "clears the registry": "db.session.registry.clear()",
    "sets another session": "db.session.registry.set(db.session.session_factory())",
    "makes a session of its own": "db.session.session_factory().execute(text('SELECT 1'))",
    "changes the answer afterwards": (
        "after_this_request(lambda answer: current_app.response_class('mine'))"
    ),
    "forgets the viewer": "current.viewer = None",
    "takes the page from its group": "delattr(g, 'portal_group')",
    "puts another group in its place": "g.portal_group = None",
    "ends the visitor's session": "session.clear()",
    "writes into the visitor's session": "session['other'] = 1",
    "raw COMMIT behind a statement": "db.session.execute(text(\"SELECT ';'; COMMIT\"))",
    "raw COMMIT between names with dollars": (
        "db.session.execute(text('SELECT 1 AS a$b$; COMMIT; SELECT 2 AS a$b$'))"
    ),
}
ALL = {**MISDEEDS, **BYPASSING}
#: What is refused while a page is only read; a POST may flash a message and keep what is its own.
SHOWING = {
    "forges a value of a row": "attributes.set_committed_value(group, 'full_name', 'Mine')",
    "flashes a message": "flash('mine')",
    "writes into the visitor's session": "session['bad_word'] = 1",
}

HEAD = """
from flask import after_this_request, current_app, flash, g, session
from sqlalchemy import text, update
from sqlalchemy.orm import attributes, make_transient
from portal.pluginapi import Group, Plugin, User, current, db


def misbehave(group):
    {misdeed}


class Bad(Plugin):
    def answer(self, group):
        db.session.execute(text("SELECT 1"))
        misbehave(group)
        return "bad words"
"""


@pytest.fixture
def fenced(site, make_plugin):
    """A site whose group apollo uses, before and behind a plugin still to be written, two good ones."""
    for code in ("early", "late"):
        make_plugin(
            code,
            events={"project_after_description": ["answer"]},
            methods=f"def answer(self):\n    return '{code} words'",
        )
    with site.arrange():
        group = make_group("apollo")
        make_member(group, make_user("alice"), "Admin")
    return site


def add_bad(site, make_plugin, misdeed: str, hook: str = "project_after_description") -> None:
    """Enable the good plugins with one between them that does the misdeed when ``hook`` fires."""
    make_plugin("bad", events={hook: ["answer"]}, files={"plugin.py": HEAD.format(misdeed=misdeed)})
    site.write_down("late", "bad", "early")
    use(site, "early", "late")


def use(site, *handles: str) -> None:
    with site.arrange():
        for handle in handles:
            assert find_group("apollo", None).set_plugin_usage(handle, True)


def incidents(site) -> list[tuple[str, str]]:
    return [(each.plugin, each.hook) for each in site.engine.health.incidents()]


@pytest.mark.parametrize("misdeed", (ALL | SHOWING).values(), ids=ALL | SHOWING)
def test_on_a_get_the_page_is_what_it_was_without_the_handler(fenced, make_plugin, misdeed):
    add_bad(fenced, make_plugin, misdeed)
    without = fenced.client().get(PAGE)
    use(fenced, "bad")
    before = fenced.snapshot()
    page = fenced.client().get(PAGE)
    assert page.status_code == 200
    assert "early words" in page.text
    assert "late words" in page.text
    assert page.text == without.text
    assert incidents(fenced) == [("bad", "project_after_description")]
    assert fenced.snapshot() == before


@postgresql_slowly
@pytest.mark.parametrize("misdeed", MISDEEDS.values(), ids=MISDEEDS)
def test_while_the_host_writes_its_rows_come_through(fenced, make_plugin, misdeed):
    add_bad(fenced, make_plugin, misdeed)
    use(fenced, "bad")
    with fenced.arrange() as unit:
        group = find_group("apollo", None)
        db.session.add(User(user_name="before", real_name="B", email="b", email_ci="b"))
        group.description = "Changed by the host"
        text = fenced.engine.hooks.render("project_after_description", group=group)
        db.session.add(User(user_name="after", real_name="A", email="a", email_ci="a"))
        db.session.flush()
        assert not unit.poisoned
    assert "bad words" not in text
    assert text.index("early words") > text.index("late words")
    assert incidents(fenced) == [("bad", "project_after_description")]
    with fenced.arrange("read"):
        names = db.session.scalars(select(User.user_name).order_by(User.user_id)).all()
        assert names == ["alice", "before", "after"]
        group = db.session.scalars(select(Group)).one()
        assert (group.full_name, group.description) == ("Apollo", "Changed by the host")


@postgresql_slowly
@pytest.mark.parametrize("misdeed", ALL.values(), ids=ALL)
def test_a_post_is_answered_and_committed_all_the_same(fenced, make_plugin, misdeed):
    """A check handler that breaks says nothing: the choice is stored as if it were not there."""
    add_bad(fenced, make_plugin, misdeed, hook="group_plugin_changing")
    use(fenced, "bad")
    with fenced.arrange("read"):
        alice = db.session.scalars(select(User)).one()
        client = fenced.client(alice)
    answer = client.post(TOGGLES, data={"shown": "early"})
    assert answer.status_code == 303
    assert ("bad", "group_plugin_changing") in incidents(fenced)
    with fenced.arrange("read"):
        group = find_group("apollo", None)
        assert group.plugin_choice("early") is False
        assert group.full_name == "Apollo"


@postgresql_slowly
@pytest.mark.parametrize("misdeed", MISDEEDS.values(), ids=MISDEEDS)
def test_on_another_plugins_own_page_it_costs_its_fragment_only(fenced, make_plugin, misdeed):
    """The page's view is guarded, too; the host's repair must not be refused with it."""
    views = """
        from flask import Blueprint
        from portal.pluginapi import current, render_page

        bp = Blueprint("early", __name__)

        @bp.get("/g/<group>/")
        def index():
            return render_page("page.html")
    """
    page = (
        '{% extends "layouts/plugin.html" %}{% block content %}'
        '{{ hook("project_after_description", group=current.group) }}'
        "{{ current.group.full_name }}{% endblock %}"
    )
    make_plugin("early", files={"views.py": views, "templates/early/page.html": page})
    add_bad(fenced, make_plugin, misdeed)
    use(fenced, "bad")
    answer = fenced.client().get("/plugins/early/g/apollo/")
    assert answer.status_code == 200
    assert "late words" in answer.text
    assert "early words" in answer.text
    assert "bad words" not in answer.text
    assert "Apollo" in answer.text
    assert incidents(fenced) == [("bad", "project_after_description")]


def test_only_the_failing_handlers_own_writes_are_undone(fenced, make_plugin):
    add_bad(
        fenced,
        make_plugin,
        "db.session.execute(text('INSERT INTO notes VALUES (1)')); raise KeyError",
    )
    use(fenced, "bad")
    with fenced.arrange():
        db.session.execute(db.text("CREATE TABLE notes (note_id integer)"))
        db.session.execute(db.text("INSERT INTO notes VALUES (0)"))
        fenced.engine.hooks.render("project_after_description", group=find_group("apollo", None))
        db.session.execute(db.text("INSERT INTO notes VALUES (2)"))
    assert fenced.rows("notes") == [(0,), (2,)]


def test_a_handler_that_recovers_by_a_savepoint_of_its_own_is_fine(fenced, make_plugin):
    misdeed = (
        "try:\n        with db.session.begin_nested():\n"
        "            db.session.execute(text('SELECT * FROM no_such_table'))\n"
        "    except Exception:\n        pass"
    )
    add_bad(fenced, make_plugin, misdeed)
    use(fenced, "bad")
    assert "bad words" in fenced.client().get(PAGE).text
    with fenced.arrange():
        group = find_group("apollo", None)
        text = fenced.engine.hooks.render("project_after_description", group=group)
    assert "bad words" in text
    assert not incidents(fenced)


def test_a_row_read_anew_while_the_host_writes_keeps_what_the_host_changed(fenced, make_plugin):
    """What waits is flushed before a handler runs; reading the row anew reads just that."""
    add_bad(fenced, make_plugin, "db.session.refresh(group)")
    use(fenced, "bad")
    with fenced.arrange():
        group = find_group("apollo", None)
        group.description = "Changed by the host"
        text = fenced.engine.hooks.render("project_after_description", group=group)
        assert group.description == "Changed by the host"
    assert "bad words" in text
    assert not incidents(fenced)
    assert "Changed by the host" in fenced.client().get(PAGE).text


def test_while_the_portal_writes_a_handler_may_flash_and_keep_what_is_its_own(fenced, make_plugin):
    misdeed = "flash('well done')\n    session['bad_word'] = 1"
    add_bad(fenced, make_plugin, misdeed, hook="group_plugin_changing")
    use(fenced, "bad")  # outside of a request: there is nobody to tell
    told = incidents(fenced)
    with fenced.arrange("read"):
        client = fenced.client(db.session.scalars(select(User)).one())
    assert "well done" in client.post(TOGGLES, data={"shown": "early"}, follow_redirects=True).text
    assert incidents(fenced) == told
    with client.session_transaction() as session:
        assert session["bad_word"] == 1


def test_a_site_admin_sees_the_incident_and_nobody_else(fenced, make_plugin):
    add_bad(fenced, make_plugin, "raise ValueError('no luck')")
    use(fenced, "bad")
    with fenced.arrange():
        admin = make_user("root", is_site_admin=True)
        alice = db.session.scalars(select(User).filter_by(user_name="alice")).one()
    pages = {
        "root": fenced.client(admin).get(PAGE).text,
        "alice": fenced.client(alice).get(PAGE).text,
        "": fenced.client().get(PAGE).text,
    }
    assert {name: "no luck" in text for name, text in pages.items()} == {
        "root": True,
        "alice": False,
        "": False,
    }


def test_outside_a_unit_of_work_the_fence_still_guards(fenced):
    with fenced.app.app_context(), SessionFence().firing("notify")("probe"):  # noqa: SIM117
        with pytest.raises(HandlerMisuse, match=r"session\.commit\(\) is not allowed"):
            refuse_if_guarded("session.commit()")
