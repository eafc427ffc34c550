"""Classes, templates and views of a plugin on the generic pages: what they change, what their faults cost."""

import signal

import pytest
from werkzeug.test import TestResponse

from portal.accounts.models import User
from portal.pluginengine.health.deadline import Deadline
from portal.pluginengine.objecttypes.pagetypes import page_types
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.objectpages.library import errors_in, titles_in

LOG = "/plugins/probe/g/apollo/t/entry/"

MODELS = """
from time import sleep

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from portal.pluginapi import Invalid, Veto, current, db, group_fk, plugin_model, user_fk

Model = plugin_model()


class Undecided:
    def __bool__(self):
        raise RuntimeError("neither")


class Entry(Model):
    __table_args__ = (UniqueConstraint("group_id", "title"),)

    entry_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = group_fk()
    user_id: Mapped[int | None] = user_fk(nullable=True)
    title: Mapped[str]
    mood: Mapped[str | None]

    def __str__(self):
        if self.mood == "mute":
            raise RuntimeError("no words")
        if self.mood == "halved":
            return "\\ud800 and more"
        return f"{self.title}!"

    def may_view(self, viewer):
        if self.mood == "broken":
            raise RuntimeError("cannot tell")
        if self.mood == "undecided":
            return Undecided()
        return self.mood != "private" or (viewer is not None and viewer.user_id == self.user_id)

    def may_edit(self, viewer):
        return self.mood != "sealed"

    def check_save(self):
        if self.title == "vetoed":
            raise Veto("Not this one.", field="title")
        if self.title == "invalid":
            raise Invalid({"mood": ["Not in this mood."]})
        if self.title == "whole":
            raise Veto("Not today.")
        if self.title == "speechless":
            raise Veto(None, field=7)
        if self.title == "expunging":
            db.session.expunge(self)
        if self.title == "failing":
            db.session.add(Entry(group_id=self.group_id, title="left behind"))
            db.session.flush()
            raise RuntimeError("check_save fell over")
        if self.title == "leaving":
            raise SystemExit(3)
        if self.title == "hanging":
            sleep(5)
        if self.title == "committing":
            db.session.commit()
        if self.title == "renaming":
            current.group.full_name = "Hijacked"
        self.mood = self.mood or "calm"
"""

OWN_LIST = """
{% extends "objectpages/list.html" %}
{% block lead %}Written by hand{{ 1 / divisor }}.{% endblock %}
"""

VIEWS = """
from flask import Blueprint

from portal.pluginapi import current

bp = Blueprint("probe", __name__)


@bp.get("/g/<group>/t/entry/new")
def new():
    return f"own form of {current.group.name}"
"""


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What classes do is the same on both databases."""
    return sqlite_url


class Logbook:
    """A site with the plugin, its group apollo, and the member alice, who administers it."""

    def __init__(self, site: PluginSite) -> None:
        self.site = site
        with site.arrange():
            self.alice: User = make_user("alice")
            self.bob: User = make_user("bob")
            group = make_group("apollo")
            make_member(group, self.alice, "Admin")
            make_member(group, self.bob, "Admin")
            group.set_plugin_usage("probe", True)

    def add(self, title: str, mood: str = "", person: User | None = None) -> TestResponse:
        """Send the form of a new entry."""
        client = self.site.client(person or self.alice)
        return client.post(f"{LOG}new", data={"field_title": title, "field_mood": mood})

    def get(self, address: str = LOG, person: User | None = None) -> TestResponse:
        """Look at a page."""
        return self.site.client(person or self.alice).get(address)

    @property
    def incidents(self) -> list[str]:
        """The texts of the failures so far."""
        return [each.error for each in self.site.engine.health.incidents()]

    def titles(self) -> list[str]:
        """What the database holds."""
        return sorted(str(row[-2]) for row in self.site.rows("plugin_probe_entry"))


@pytest.fixture
def logbook(site: PluginSite, make_plugin: MakePlugin) -> Logbook:
    """The plugin with its class."""
    make_plugin(
        "probe",
        config={
            "object_types": {"entry": "Entry"},
            "schema_version": "1",
            "scope": ["group"],
            "pages": {"entry": {"plural": "Entries"}},
        },
        methods="pass",
        files={"models.py": MODELS},
    )
    site.enable("probe")
    return Logbook(site)


def test_str_names_a_row_on_its_pages(logbook: Logbook) -> None:
    address = logbook.add("Liftoff").headers["Location"]
    assert "<title>Liftoff! · " in logbook.get(address).text
    assert "Delete “Liftoff!”?" in logbook.get(f"{address}delete").text


def test_a_failing_str_is_an_incident_and_the_title_stands_in(logbook: Logbook) -> None:
    address = logbook.add("Silence", "mute").headers["Location"]
    page = logbook.get(address)
    assert page.status_code == 200
    assert "<title>Silence · " in page.text
    assert any("no words" in each for each in logbook.incidents)


@pytest.mark.parametrize(
    ("title", "error"),
    [
        ("vetoed", "Title: Not this one."),
        ("invalid", "Mood: Not in this mood."),
        ("whole", "Not today."),
        ("speechless", "None"),
    ],
)
def test_check_save_tells_what_is_wrong_at_the_field(
    logbook: Logbook, title: str, error: str
) -> None:
    answer = logbook.add(title)
    assert answer.status_code == 422
    assert error in errors_in(answer)
    assert logbook.titles() == []
    assert logbook.incidents == []


@pytest.mark.parametrize("title", ["failing", "leaving", "committing", "renaming", "expunging"])
def test_check_save_that_fails_is_an_incident_and_nothing_is_saved(
    logbook: Logbook, title: str
) -> None:
    answer = logbook.add(title, "kept")
    assert answer.status_code == 500
    assert any("Nothing was saved" in each for each in errors_in(answer))
    assert 'value="kept"' in answer.text
    assert logbook.titles() == []
    assert len(logbook.incidents) == 1
    assert "Hijacked" not in logbook.get("/groups/apollo/").text


def test_a_class_that_hangs_is_cut_off(logbook: Logbook, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGALRM)
    monkeypatch.setattr(logbook.site.engine.health, "deadline", Deadline(0.15, tick=0.05))
    answer = logbook.add("hanging")
    signal.signal(signal.SIGALRM, before)
    assert answer.status_code == 500
    assert "The plugin failed while this was being saved." in answer.text
    assert "was cut off" in logbook.incidents[0]
    assert logbook.titles() == []


def test_check_save_may_complete_the_row(logbook: Logbook) -> None:
    page = logbook.get(logbook.add("Orbit").headers["Location"])
    assert "calm" in page.text


def test_what_must_be_there_once_is_told_and_nothing_is_half_done(logbook: Logbook) -> None:
    logbook.add("Docking")
    answer = logbook.add("Docking", "again")
    assert answer.status_code == 409
    assert any("may be there only once" in each for each in errors_in(answer))
    assert 'value="again"' in answer.text
    assert logbook.titles() == ["Docking"]


def test_a_row_that_the_class_hides_is_nowhere(logbook: Logbook) -> None:
    address = logbook.add("Diary", "private", logbook.bob).headers["Location"]
    logbook.add("Public")
    assert titles_in(logbook.get(LOG, logbook.bob)) == ["Diary", "Public"]
    assert titles_in(logbook.get(LOG)) == ["Public"]
    assert "Diary" not in logbook.get(f"{LOG}?format=csv").text
    assert logbook.get(address).status_code == 404
    assert logbook.get(f"{address}edit").status_code == 404
    assert logbook.get(address, logbook.bob).status_code == 200


def test_a_class_that_cannot_tell_hides_the_row(logbook: Logbook) -> None:
    logbook.add("Enigma", "broken")
    logbook.add("Public")
    assert titles_in(logbook.get()) == ["Public"]
    assert any("cannot tell" in each for each in logbook.incidents)


def test_an_answer_that_is_neither_yes_nor_no_hides_the_row(logbook: Logbook) -> None:
    address = logbook.add("Hamlet", "undecided").headers["Location"]
    assert logbook.get(address).status_code == 404
    assert titles_in(logbook.get()) == []
    assert any("neither" in each for each in logbook.incidents)


def test_what_is_no_method_hides_and_seals(logbook: Logbook) -> None:
    """A flag or a property in its place was meant to keep rows from people, too."""
    address = logbook.add("Shut").headers["Location"]
    model = page_types(logbook.site.app)["probe"]["entry"].model
    model.may_edit = property(lambda row: False)
    assert logbook.get(f"{address}edit").status_code == 403
    model.may_view = False
    assert logbook.get(address).status_code == 404
    assert titles_in(logbook.get()) == []
    assert logbook.incidents


def test_halves_of_characters_in_a_name_are_replaced(logbook: Logbook) -> None:
    address = logbook.add("Broken", "halved").headers["Location"]
    assert "<title>? and more · " in logbook.get(address).text


def test_a_row_that_the_class_seals_is_seen_and_not_changed(logbook: Logbook) -> None:
    address = logbook.add("Treaty", "sealed").headers["Location"]
    page = logbook.get(address)
    assert page.status_code == 200
    assert f"{address}edit" not in page.text
    for action in ("edit", "delete"):
        assert logbook.get(f"{address}{action}").status_code == 403
        answer = logbook.site.client(logbook.alice).post(f"{address}{action}")
        assert answer.status_code == 403
    assert logbook.titles() == ["Treaty"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{{ '\\ud800' }}{{ 1 / 0 }}", b"{% if %}"])
def test_a_template_that_cannot_be_read_costs_itself(logbook: Logbook, content: bytes) -> None:
    template = logbook.site.engine.plugins["probe"].folder / "templates/probe/entry/list.html"
    template.parent.mkdir(parents=True)
    template.write_bytes(content)
    page = logbook.get()
    assert page.status_code == 200
    assert "<title>Entries · " in page.text
    assert len(logbook.incidents) == 1


def test_halves_of_characters_in_a_template_are_replaced(logbook: Logbook) -> None:
    template = logbook.site.engine.plugins["probe"].folder / "templates/probe/entry/list.html"
    template.parent.mkdir(parents=True)
    template.write_text("{{ '\\ud800' }} and more")
    assert logbook.get().text == "? and more"


def test_a_template_of_the_plugins_stands_in_and_its_failure_costs_itself(
    logbook: Logbook, make_plugin: MakePlugin
) -> None:
    template = logbook.site.engine.plugins["probe"].folder / "templates/probe/entry/list.html"
    template.parent.mkdir(parents=True)
    template.write_text(OWN_LIST.replace("{{ 1 / divisor }}", ""))
    assert "Written by hand." in logbook.get().text
    template.write_text(OWN_LIST.replace("divisor", "0"))
    logbook.site.refresh()
    logbook.site.app.jinja_env.cache.clear()
    page = logbook.get()
    assert page.status_code == 200
    assert "Written by hand" not in page.text
    assert "Entries" in page.text
    assert any("ZeroDivisionError" in each for each in logbook.incidents)


def test_a_view_of_the_plugins_at_the_same_address_stands_in(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    config = {"object_types": {"entry": "Entry"}, "schema_version": "1", "scope": ["group"]}
    files = {"models.py": MODELS, "views.py": VIEWS}
    make_plugin("probe", config=config, methods="pass", files=files)
    site.enable("probe")
    logbook = Logbook(site)
    assert logbook.get(f"{LOG}new").text == "own form of apollo"
    assert logbook.get().status_code == 200
    assert logbook.add("By the host").status_code == 303  # its view answers GET alone
