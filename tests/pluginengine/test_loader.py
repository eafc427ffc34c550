"""Bringing plugins up: whatever is wrong with one costs that one only, and its cause can be read (R-19)."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import PluginRow
from tests.factories import make_group
from tests.fixtures.plugins import PluginSite

HEAD = "from portal.pluginapi import Plugin\n"
CLASS = HEAD + "class Probe(Plugin):\n    def tab(self):\n        return None\n"
MODEL = """
from sqlalchemy import ForeignKey, Index, MetaData
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship
from portal.pluginapi import Group, User, group_fk, plugin_model, to_group, to_user, user_fk

Model = plugin_model()


class Thing(Model):
    thing_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = group_fk()
    {line}
"""

BROKEN = {
    "syntax error": ({"plugin.py": "def ("}, "SyntaxError"),
    "import error": ({"plugin.py": "import no_such_module"}, "No module named 'no_such_module'"),
    "wrong name from the API": (
        {"plugin.py": "from portal.pluginapi import no_such_name"},
        "cannot import name 'no_such_name'",
    ),
    "exception at import": (
        {"plugin.py": "raise RuntimeError('no luck')"},
        "RuntimeError: no luck",
    ),
    "exit at import": ({"plugin.py": "raise SystemExit(3)"}, "SystemExit: 3"),
    "sys.exit in models": (
        {"plugin.py": CLASS, "models.py": "import sys; sys.exit()"},
        "SystemExit",
    ),
    "exit in a module it imports": (
        {"plugin.py": "from . import other", "other.py": "raise SystemExit(1)"},
        "SystemExit: 1",
    ),
    "no class": ({"plugin.py": HEAD}, "must hold one class that extends Plugin; it holds 0"),
    "two classes": (
        {"plugin.py": CLASS + "class Second(Plugin):\n    pass\n"},
        "must hold one class that extends Plugin; it holds 2",
    ),
    "constructor with arguments": (
        {"plugin.py": HEAD + "class Probe(Plugin):\n    def __init__(self, x):\n        pass\n"},
        "missing 1 required positional argument: 'x'",
    ),
    "constructor that raises": (
        {
            "plugin.py": HEAD
            + "class Probe(Plugin):\n    def __init__(self):\n        raise KeyError(7)\n"
        },
        "KeyError: 7",
    ),
    "no plugin.py": (
        {"event.yml": "groupmenu: [{handler: tab, type: NORMAL}]"},
        "has no plugin.py",
    ),
    "no such method": (
        {"plugin.py": CLASS, "event.yml": "groupmenu: [{handler: tabs, type: NORMAL}]"},
        "event.yml names the handler tabs for groupmenu, but Probe has no such method.",
    ),
    "handler that is no method": (
        {
            "plugin.py": CLASS + "    tabs = 7\n",
            "event.yml": "groupmenu: [{handler: tabs, type: NORMAL}]",
        },
        "Probe has no such method",
    ),
    "unknown parameter": (
        {
            "plugin.py": CLASS.replace("(self)", "(self, groop)"),
            "event.yml": "groupmenu: [{handler: tab, type: NORMAL}]",
        },
        "groop",
    ),
    "unknown hook": (
        {"plugin.py": CLASS, "event.yml": "groopmenu: [{handler: tab, type: NORMAL}]"},
        "groupmenu",
    ),
    "no blueprint": ({"plugin.py": CLASS, "views.py": "bp = 7"}, "must name its blueprint bp"),
    "blueprint that reaches beyond": (
        {
            "plugin.py": CLASS,
            "views.py": "from flask import Blueprint\nbp = Blueprint('x', __name__)\n"
            "bp.before_app_request(print)",
        },
        "hangs something on the whole site",
    ),
    "core word in its addresses": (
        {
            "plugin.py": CLASS,
            "views.py": "from flask import Blueprint\nbp = Blueprint('x', __name__)\n"
            "bp.add_url_rule('/static/x', 'x', print)",
        },
        "is the host's",
    ),
    "foreign table name": (
        {"plugin.py": CLASS, "models.py": MODEL.format(line="__tablename__ = 'things'")},
        "things_group_id_ix: the tables and indexes of this plugin must begin with plugin_probe_",
    ),
    "another plugin's table name": (
        {"plugin.py": CLASS, "models.py": MODEL.format(line="__tablename__ = 'plugin_probes_x'")},
        "must begin with plugin_probe_",
    ),
    "foreign index name": (
        {
            "plugin.py": CLASS,
            "models.py": MODEL.format(line="__table_args__ = (Index('sneaky', 'thing_id'),)"),
        },
        "sneaky: the tables and indexes",
    ),
    "writable relationship": (
        {"plugin.py": CLASS, "models.py": MODEL.format(line="group = relationship(Group)")},
        "Thing.group is a relationship to a core class that could write. Use to_group()",
    ),
    "relationship by lambda": (
        {"plugin.py": CLASS, "models.py": MODEL.format(line="group = relationship(lambda: Group)")},
        "Thing.group is a relationship to a core class",
    ),
    "annotated relationship": (
        {
            "plugin.py": CLASS,
            "models.py": MODEL.format(line="group: Mapped[Group] = relationship()"),
        },
        "Thing.group is a relationship to a core class",
    ),
    "backref to the core": (
        {
            "plugin.py": CLASS,
            "models.py": MODEL.format(
                line="group = relationship(Group, viewonly=True, backref='things')"
            ),
        },
        "Thing.group is a relationship to a core class",
    ),
    "back_populates to the core": (
        {
            "plugin.py": CLASS,
            "models.py": MODEL.format(
                line="group = relationship(Group, viewonly=True, back_populates='things')"
            ),
        },
        "Thing.group is a relationship to a core class",
    ),
    "model on the core's base": (
        {
            "plugin.py": CLASS,
            "models.py": "from portal.pluginapi import User\nclass Mole(User):\n    pass\n",
        },
        "Mole would be a table of the portal's core",
    ),
    "model on db.Model": (
        {
            "plugin.py": CLASS,
            "models.py": "from portal.pluginapi import db\nclass Mole(db.Model):\n    pass\n",
        },
        "Model = plugin_model()",
    ),
    "relationship in views": (
        {
            "plugin.py": CLASS,
            "views.py": MODEL.format(line="group = relationship(Group)")
            + "\nfrom flask import Blueprint\nbp = Blueprint('probe', __name__)\n",
        },
        "Thing.group is a relationship to a core class",
    ),
    "relationship in another module": (
        {
            "plugin.py": CLASS,
            "models.py": "from .more import Thing",
            "more.py": MODEL.format(line="group = relationship(Group)"),
        },
        "Thing.group is a relationship to a core class",
    ),
}


@pytest.mark.parametrize(("files", "cause"), BROKEN.values(), ids=BROKEN)
def test_a_broken_plugin_costs_itself_only(site, make_plugin, files, cause):
    make_plugin("probe", files=files)
    make_plugin("fine", events={"groupmenu": ["tab"]}, methods="def tab(self):\n    return None")
    site.force("probe", "fine")
    assert set(site.engine.plugins) == {"fine"}
    problem = site.engine.problems["probe"]
    assert problem.kind == "broken"
    assert cause in problem.cause
    assert site.client().get("/groups/").status_code == 200
    with pytest.raises(Refused, match="cannot run"):
        enable_afresh(site)


def enable_afresh(site) -> None:
    with site.arrange():
        db.session.execute(update(PluginRow).where(PluginRow.code == "probe").values(enable=0))
    site.operate("enable", "probe")


def test_core_mappers_are_untouched_by_a_refused_relationship(site, make_plugin):
    """Engineering A5: looked at without configuring anything."""
    files = BROKEN["backref to the core"][0]
    make_plugin("probe", files=files)
    site.force("probe")
    with site.arrange():
        group = make_group("apollo")
        assert not hasattr(type(group), "things")
        db.session.delete(group)


def test_view_only_relationships_made_by_the_api_are_fine(site, make_plugin):
    line = "user_id: Mapped[int] = user_fk(); group = to_group(); user = to_user()"
    make_plugin("probe", files={"plugin.py": CLASS, "models.py": MODEL.format(line=line)})
    site.force("probe")
    assert set(site.engine.plugins) == {"probe"}


def test_relationships_among_own_classes_may_write(site, make_plugin):
    models = MODEL.format(line="parts = relationship('Part', back_populates='thing')") + (
        "\n\nclass Part(Model):\n"
        "    part_id: Mapped[int] = mapped_column(primary_key=True)\n"
        "    thing_id: Mapped[int] = mapped_column(\n"
        "        ForeignKey('plugin_probe_thing.thing_id', ondelete='CASCADE')\n"
        "    )\n"
        "    thing = relationship(Thing, back_populates='parts')\n"
    )
    make_plugin("probe", files={"plugin.py": CLASS, "models.py": models})
    site.force("probe")
    assert set(site.engine.plugins) == {"probe"}


def test_a_plugin_without_code_runs(site, make_plugin):
    """E-34: also without the class of the callbacks."""
    make_plugin("probe")
    site.enable("probe")
    assert site.engine.plugins["probe"].instance.handle == "probe"


def test_the_instance_knows_who_it_is(site, make_plugin):
    folder = make_plugin("Probe", methods="pass", config={"version": "2.05"})
    site.enable("Probe")
    instance = site.engine.plugins["probe"].instance
    assert (instance.code, instance.handle, instance.version) == ("Probe", "probe", "2.05")
    assert instance.folder == folder
    assert instance.manifest["name"] == "Probe"
    assert instance.logger.name == "portal.plugin.probe"
    assert len(instance.digest) == 64


def test_a_missing_folder_is_said_to_be_missing(site, make_plugin):
    folder = make_plugin("probe")
    site.enable("probe")
    folder.rename(folder.with_name("hidden")).joinpath("config.yml").unlink()
    site.refresh()
    assert site.engine.problems["probe"].kind == "missing"
    assert "Put it back, or unregister" in site.engine.problems["probe"].cause


def test_faulty_files_are_all_told(site, make_plugin):
    make_plugin("probe")
    site.enable("probe")
    make_plugin("probe", config={"version": "1.42.1", "scope": "nowhere"})
    site.refresh()
    problem = site.engine.problems["probe"]
    assert problem.kind == "broken"
    assert {fault.key for fault in problem.faults} == {"version", "scope"}


@pytest.mark.parametrize("version", ["1.1", "0.9"])
def test_another_version_is_held_until_its_update_has_run(site, make_plugin, version):
    make_plugin("probe", methods="pass")
    site.enable("probe")
    make_plugin("probe", config={"version": version}, files={"plugin.py": "raise SystemExit"})
    site.refresh()
    problem = site.engine.problems["probe"]
    assert problem.kind == "update"
    assert f"the folder holds version {version}, the site runs 1.0" in problem.cause


def test_the_same_version_written_differently_is_the_same(site, make_plugin):
    """E-27: 1.10 == 1.1."""
    make_plugin("probe", config={"version": "1.1"})
    site.enable("probe")
    make_plugin("probe", config={"version": "1.10"})
    site.refresh()
    assert set(site.engine.plugins) == {"probe"}


def test_another_handle_in_the_folder_is_a_problem(site, make_plugin):
    make_plugin("probe")
    site.enable("probe")
    make_plugin("probe", config={"handle": "other"})
    site.refresh()
    assert "says the handle is other; the site knows probe" in site.engine.problems["probe"].cause


def test_in_safe_mode_nothing_is_loaded(site, make_plugin):
    make_plugin("probe", methods="pass")
    site.enable("probe")
    safe = PluginSite(replace(site.settings, safe_mode=True))
    try:
        assert not safe.engine.plugins
        assert safe.engine.problems["probe"].kind == "safe_mode"
        assert safe.client().get("/groups/").status_code == 200
    finally:
        safe.runtime.close()


def test_a_mended_plugin_comes_up_without_being_enabled_again(site, make_plugin):
    make_plugin("probe", methods="pass")
    site.enable("probe")
    make_plugin("probe", files={"plugin.py": "raise ValueError"})
    site.refresh()
    assert site.engine.problems["probe"].kind == "broken"
    make_plugin("probe", methods="pass")
    site.refresh()
    assert set(site.engine.plugins) == {"probe"}


CLASSES = {
    "class: names another module": (
        {"class": "code.main:Second"},
        {"code/__init__.py": "", "code/main.py": HEAD + "class Second(Plugin):\n    pass\n"},
        "Second",
    ),
    "class: names one of two": (
        {"class": "plugin:Second"},
        {"plugin.py": CLASS + "class Second(Plugin):\n    pass\n"},
        "Second",
    ),
    "event: names the plugin class": (
        {"event": "Second"},
        {"plugin.py": CLASS + "class Second(Plugin):\n    pass\n"},
        "Second",
    ),
}


@pytest.mark.parametrize(("config", "files", "name"), CLASSES.values(), ids=CLASSES)
def test_the_class_can_be_named(site, make_plugin, config, files, name):
    """M-02; M-03: what it names is imported with the app."""
    make_plugin("probe", config=config, files=files)
    site.enable("probe")
    assert type(site.engine.plugins["probe"].instance).__name__ == name


def test_event_names_a_handler_class_of_its_own(site, make_plugin):
    """EC-CUBE: a class that is no Plugin answers the hooks; it finds the plugin as ``self.plugin``."""
    code = CLASS + (
        "class Handlers:\n    def answer(self):\n        return 'from ' + self.plugin.handle\n"
    )
    make_plugin(
        "probe",
        config={"event": "Handlers", "scope": ["site"]},
        events={"project_after_description": ["answer"]},
        files={"plugin.py": code},
    )
    site.enable("probe")
    with site.arrange():
        group = make_group("apollo")
        text = site.engine.hooks.render("project_after_description", group=group)
    assert "from probe" in text
