"""GForge's way of writing a plugin: register_plugin, get_hooks, call_hook (seed 004; design 4, R-18)."""

import pytest
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.errors import Refused
from portal.pluginengine.models import HandlerRow
from portal.pluginengine.registration import register_plugin
from tests.factories import make_group
from tests.pluginengine.gforge import EVERYWHERE, answering, tabs, written

TAB = """
    def tab(self):
        return MenuItem(key="beta", title="B", url="/b")

    def get_hooks(self):
        return []
"""
LINK = """
    def get_hooks(self):
        return ["usermenu"]

    def site_link(self):
        return Link(title="L", url="/l")

    def call_hook(self, name, params):
        return print_sub_menu("Mine", "/x")
"""


@pytest.fixture
def running(site, make_plugin):
    """Write a plugin with this class body, enable it, and return the site."""

    def run(body: str, **config: object):
        make_plugin("probe", config={**EVERYWHERE, **config}, files=written(body))
        site.enable("probe")
        return site

    return run


# -- registering ---------------------------------------------------------------------------------


def test_one_registered_object_carries_the_plugin_out(running):
    site = running("greeting = 'hello'\n\ndef get_hooks(self):\n    return []")
    plugin = site.engine.plugins["probe"].instance
    assert plugin.greeting == "hello"
    assert (plugin.handle, plugin.version) == ("probe", "1.0")


def test_what_is_registered_is_found_again_by_every_generation(running):
    """Engineering A6: modules are shared, and plugin.py is imported once."""
    site = running(
        "def get_hooks(self):\n    return ['usermenu']\n\ndef usermenu(self):\n    return []"
    )
    first = site.engine.plugins["probe"].instance
    site.refresh()
    assert site.engine.plugins["probe"].instance is first
    assert not site.engine.problems


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        ("", r"Probe has get_hooks\(\), but plugin.py registers no object"),
        ("register_plugin(Probe()); register_plugin(Probe())", "was called 2 times"),
        ("register_plugin(Probe)", r"give it an object: register_plugin\(Probe\(\)\)"),
        ("register_plugin(object())", "got an object of object, which does not extend Plugin"),
    ],
)
def test_none_two_and_a_wrong_object_are_refused_in_words(site, make_plugin, end, cause):
    files = written("def get_hooks(self):\n    return []", end)
    make_plugin("probe", files=files)
    site.operate("register", "probe")
    with pytest.raises(Refused, match=cause):
        site.operate("enable", "probe")


def test_registering_outside_a_plugins_import_is_a_mistake():
    with pytest.raises(RuntimeError, match="outside a plugin's import"):
        register_plugin(object())


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (
            "def get_hooks(self):\n    return ['groupmenuu']",
            "(?s)groupmenuu.*Did you mean groupmenu",
        ),
        ("def get_hooks(self):\n    return 'groupmenu'", "a list of hook names, not 'groupmenu'"),
        ("def get_hooks(self):\n    return [3]", "a list of hook names, not 3"),
        ("def get_hooks(self):\n    return ['groupmenu']", "nothing answers it"),
        (
            "def get_hooks(self):\n    return ['groupmenu']\n\ndef call_hook(self):\n    pass",
            "must take a hook's name and a mapping",
        ),
        (
            "def get_hooks(self):\n    return ['groupmenu']\n\ndef groupmenu(self, colour):\n    pass",
            "asks for colour; the hook offers group",
        ),
        ("def get_hooks(self):\n    raise KeyError('lost')", "KeyError: 'lost'"),
    ],
)
def test_what_get_hooks_gives_is_judged_at_load(site, make_plugin, body, cause):
    if "call_hook" not in body and "groupmenuu" in body:
        body += "\n\ndef call_hook(self, name, params):\n    pass"
    make_plugin("probe", files=written(body))
    site.operate("register", "probe")
    with pytest.raises(Refused, match=cause):
        site.operate("enable", "probe")


def test_get_hooks_is_judged_again_in_every_generation(running):
    """It is code: what it names may change without a file changing."""
    body = """
        named = ["usermenu"]

        def get_hooks(self):
            return self.named

        def call_hook(self, name, params):
            return None
    """
    site = running(body)
    type(site.engine.plugins["probe"].instance).named = ["usermenuu"]
    site.refresh()
    assert "Did you mean usermenu" in site.engine.problems["probe"].cause
    assert site.client().get("/groups/").status_code == 200


# -- the handler table ---------------------------------------------------------------------------


def test_the_handlers_stand_in_the_table_from_the_enabling_on(site, make_plugin):
    """R-18: type NORMAL, named after the method, or call_hook; in the order of get_hooks()."""
    body = """
        def GetHooks(self):
            return ["usermenu", "groupmenu", "usermenu"]

        def groupmenu(self):
            return []

        def CallHook(self, name, params):
            return None
    """
    make_plugin("probe", files=written(body))

    def rows() -> list[tuple[str, str, str, int]]:
        with site.arrange("read"):
            found = db.session.scalars(select(HandlerRow).order_by(HandlerRow.handler_id))
            return [(one.event, one.handler, one.handler_type, one.priority) for one in found]

    site.operate("register", "probe")
    assert rows() == []
    site.operate("enable", "probe")
    expected = [("usermenu", "call_hook", "NORMAL", 400), ("groupmenu", "groupmenu", "NORMAL", 400)]
    assert rows() == expected
    (listed,) = [each for each in site.engine.hooks.listeners("usermenu") if each.plugin]
    assert (listed.name, listed.priority, listed.handler_type) == ("call_hook", 400, "NORMAL")
    site.operate("disable", "probe")
    site.operate("enable", "probe")
    assert rows() == expected


def test_the_order_can_be_changed_like_that_of_any_other_handler(site, make_plugin):
    with site.arrange():
        make_group("apollo")
    append = "params['DIRS'].append('/a'); params['TITLES'].append('A')"
    make_plugin("alpha", config=EVERYWHERE, files=written(answering("groupmenu", append)))
    make_plugin("beta", config=EVERYWHERE, events={"groupmenu": ["tab"]}, files=written(TAB))
    site.enable("alpha", "beta")
    assert [tab[0] for tab in tabs(site)[0]][-2:] == ["alpha", "beta"]
    with site.arrange():
        row = db.session.scalars(select(HandlerRow).where(HandlerRow.handler == "call_hook")).one()
        row.priority = -399
    site.refresh()
    assert [tab[0] for tab in tabs(site)[0]][-2:] == ["beta", "alpha"]


def test_event_yml_and_get_hooks_go_together(site, make_plugin):
    events = {"site_admin_option_hook": ["site_link"]}
    make_plugin("probe", config=EVERYWHERE, events=events, files=written(LINK))
    site.enable("probe")
    names = {
        each.declaration.event: each.declaration.handler
        for each in site.engine.plugins["probe"].handlers
    }
    assert names == {"site_admin_option_hook": "site_link", "usermenu": "call_hook"}


def test_the_switches_follow_from_the_hooks_that_are_named(running):
    """manifest.md, scope: derived when it is not given; here only the code knows the hooks."""
    site = running(answering("groupmenu", "pass"), scope=["group"])
    assert site.engine.plugins["probe"].switch.scopes == {"group"}


def test_without_a_scope_in_config_yml_the_hooks_decide(site, make_plugin):
    make_plugin("probe", files=written(answering("usermenu", "pass")))
    site.enable("probe")
    assert site.engine.plugins["probe"].switch.scopes == {"user"}
