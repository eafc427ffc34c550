"""The same small plugin, written in each of the three ways, gives the same pages (design 4)."""

import re
import shutil
from itertools import product

import pytest

from tests.fixtures.databases import postgresql_slowly
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.test_identical import Pages, choose, differences, sign_in_once, walk
from tests.walks import NO_PAGES, make_people

URL = "https://hello.example.org/start?lang=en"

EVENTS = {
    "plugin.py": f"""
        from portal.pluginapi import Link, MenuItem, Plugin, PublicAreaItem

        URL = "{URL}"

        class Hello(Plugin):
            def group_tab(self, group_id):
                return MenuItem(key=self.handle, title="Hello & co", url=f"{{URL}}&group_id={{group_id}}")

            def admin_page(self, group_id):
                return MenuItem(key=self.handle, title="Hello page", url=f"{{URL}}&group_id={{group_id}}")

            def admin_link(self, group_id):
                return Link(title="Set hello up here", url=f"{{URL}}&group_id={{group_id}}")

            def place(self, group_id):
                return PublicAreaItem(title="Hello place", url=f"{{URL}}&group_id={{group_id}}")

            def user_tab(self):
                return MenuItem(key=self.handle, title="My hello", url=URL)

            def site_link(self):
                return Link(title="Set hello up", url=URL)
    """,
    "event.yml": """
        groupmenu: [{handler: group_tab, type: NORMAL}]
        groupadminmenu: [{handler: admin_page, type: NORMAL}]
        project_admin_plugins: [{handler: admin_link, type: NORMAL}]
        project_public_area: [{handler: place, type: NORMAL}]
        usermenu: [{handler: user_tab, type: NORMAL}]
        site_admin_option_hook: [{handler: site_link, type: NORMAL}]
    """,
}

GFORGE = {
    "plugin.py": f"""
        from html import escape

        from portal.pluginapi import Plugin, PrintSubMenu, register_plugin

        URL = "{URL}"

        class Hello(Plugin):
            def GetHooks(self):
                return [
                    "groupmenu",
                    "groupadminmenu",
                    "project_admin_plugins",
                    "project_public_area",
                    "usermenu",
                    "site_admin_option_hook",
                ]

            def CallHook(self, name, params):
                if name == "groupmenu":
                    params["DIRS"].append("%s&group_id=%d" % (URL, params["group"]))
                    params["TITLES"].append("Hello & co")
                    if params["toptab"] == self.handle:
                        params["selected"] = len(params["DIRS"]) - 1
                elif name == "groupadminmenu":
                    params["links"].append("%s&group_id=%d" % (URL, params["group"]))
                    params["labels"].append("Hello page")
                elif name == "project_admin_plugins":
                    url = escape("%s&group_id=%d" % (URL, params["group_id"]))
                    return '<a href="%s">Set hello up here</a>' % url
                elif name == "project_public_area":
                    url = escape("%s&group_id=%d" % (URL, params["group_id"]))
                    params["result"] += '<div><a href="%s">Hello place</a></div>' % url
                elif name == "usermenu":
                    PrintSubMenu("My hello", URL)
                else:
                    return '<li><a href="%s">Set hello up</a></li>' % escape(URL)
                return True

        register_plugin(Hello())
    """,
}

LINKS = {
    "groupmenu": {"title": "Hello & co", "url": URL},
    "groupadminmenu": {"title": "Hello page", "url": URL},
    "project_admin_plugins": {"title": "Set hello up here", "url": URL},
    "project_public_area": {"title": "Hello place", "url": URL},
    "usermenu": {"title": "My hello", "url": URL},
    "site_admin_option_hook": {"title": "Set hello up", "url": URL},
}

WAYS = {
    "event.yml": {"files": EVENTS},
    "get_hooks": {"files": GFORGE},
    "links": {"config": {"links": LINKS}},
}

# These name handlers, one by one.
NAMES_HANDLERS = frozenset(
    {
        "/admin/hooks/",
        "/admin/plugins/hello/",
        "/admin/plugins/hello/files",
        "/admin/plugins/hello/hooks",
    }
)

# These grow with every operation and every visit, the test's own among them, or tell how long they took.
TELLS_OF_THE_PAST = re.compile(
    r"/(history|audit|log|sessions|health)\b|^/admin/users/|^/admin/plugins/$"
)

GENERATION = re.compile(rb"(Generation</dt>\s*<dd>)\d+")


@postgresql_slowly
@pytest.mark.parametrize("way", ["get_hooks", "links"])
def test_another_way_of_writing_gives_the_same_pages(
    site: PluginSite, make_plugin: MakePlugin, way: str
) -> None:
    people = sign_in_once(site, make_people(site.app))

    def pages_of(written: str) -> Pages:
        folder = make_plugin("hello", **with_switches(WAYS[written]))
        site.enable("hello")
        with site.arrange():
            choose(["hello"])
        paths = pages_with_plugins(site)
        seen = walk(site, people, paths)
        site.operate("unregister", "hello", disable_first=True)
        shutil.rmtree(folder)
        return {
            key: (status, GENERATION.sub(rb"\1...", page)) for key, (status, page) in seen.items()
        }

    usual = pages_of("event.yml")
    for person, path, text in (
        ("", "/groups/apollo/", b"Hello &amp; co"),
        ("", "/groups/apollo/", b"Hello place"),
        ("alice", "/groups/apollo/admin/", b"Hello page"),
        ("alice", "/groups/apollo/admin/", b"Set hello up here"),
        ("alice", "/my/", b"My hello"),
        ("admin", "/admin/", b"Set hello up"),
    ):
        assert text in usual[person, path][1]
    assert b"Hello &amp; co" not in usual["", "/groups/gemini/"][1]
    assert differences(usual, pages_of(way)) == []
    assert site.runtime.health.incidents() == ()


def pages_with_plugins(site: PluginSite) -> list[str]:
    """The core's pages without an argument, and those of two groups, a person and the plugin."""
    values = {"name": ("apollo", "gemini"), "user_name": ("alice",), "code": ("hello",)}
    found = set()
    for rule in site.app.url_map.iter_rules():
        package = rule.endpoint.partition(".")[0]
        if (
            "GET" not in (rule.methods or ())
            or package in NO_PAGES
            or not rule.arguments <= {*values}
        ):
            continue
        names = sorted(rule.arguments)
        for chosen in product(*(values[name] for name in names)):
            path = str(rule)
            for name, value in zip(names, chosen, strict=True):
                path = path.replace(f"<{name}>", value)
            found.add(path)
    kept = {path for path in found if not TELLS_OF_THE_PAST.search(path)}
    return sorted(path for path in kept - NAMES_HANDLERS if not path.startswith("/plugins/"))


def with_switches(parts: dict) -> dict:
    """The parts of a plugin with the switches that the three have in common."""
    config = {"scope": ["site", "group", "user"], "description": "Says hello."}
    return {**parts, "config": {**config, **parts.get("config", {})}}
