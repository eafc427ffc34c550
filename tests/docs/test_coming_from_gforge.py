"""docs/plugins/coming-from-gforge.md: each hook in both styles does the same, on a real site."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from portal.pluginengine.hooks import HookSpec
from tests.docs.looking import Visitor
from tests.docs.pages import DOCS, Block, Check, read_page, sections_of
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import MakePlugin, PluginSite

PAGE = DOCS / "coming-from-gforge.md"
PARTS = read_page(PAGE)
SECTIONS = sections_of(PAGE)
STYLES = ("in GForge's style", "in our style")

EXAMPLES = {
    (each.section, each.remark): each
    for each in PARTS
    if isinstance(each, Block) and each.remark in STYLES
}
HOOKS = list(dict.fromkeys(section for section, _style in EXAMPLES))

IMPORTS = """\
from flask import request
from markupsafe import Markup
from portal.pluginapi import *
from portal.pluginapi import gettext as _
"""
VIEWS = """
    from flask import Blueprint
    from portal.pluginapi import render_page

    bp = Blueprint("hello", __name__)

    @bp.get("/")
    def index():
        return render_page("page.html")
"""
TEMPLATE = '{% extends "layouts/plugin.html" %}{% set active_tab = plugin.handle %}'
EVERYWHERE = {
    "scope": ["site", "group", "user"],
    "policy": {"group": "default_on", "user": "default_on"},
}


def seed_hooks(site: PluginSite) -> list[HookSpec]:
    """Return the hooks of GForge's list."""
    return [spec for spec in site.engine.catalogue if spec.seed_params is not None]


def plugin_of(example: Block) -> str:
    """Return the plugin.py of a plugin that is written as the example shows."""
    body = indent(example.text, "    ")
    if example.remark == STYLES[0]:
        body = f"    def get_hooks(self):\n        return [{example.section!r}]\n\n{body}"
    end = "register_plugin(Hello())\n" if example.remark == STYLES[0] else ""
    return f"{IMPORTS}\nclass Hello(Plugin):\n{body}\n{end}"


def events_of(example: Block) -> dict[str, list[str]] | None:
    """Return what event.yml says for the example, None in GForge's style."""
    if example.remark == STYLES[0]:
        return None
    return {example.section: re.findall(r"^def (\w+)", example.text, re.MULTILINE)}


@pytest.fixture
def visitor(site: PluginSite, caplog: pytest.LogCaptureFixture) -> Iterator[Visitor]:
    """Somebody at a site with alice, a site admin, and her group apollo."""
    caplog.set_level(logging.INFO)
    with site.arrange():
        make_member(make_group("apollo"), make_user("alice", is_site_admin=True), "Admin")
    visitor = Visitor(site, lambda: caplog.messages)
    yield visitor
    assert visitor.untold_incidents() == []


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("hook", HOOKS)
def test_both_styles_do_what_the_page_says(
    visitor: Visitor, make_plugin: MakePlugin, hook: str, style: str
) -> None:
    """The plugin is loaded, so planned hooks have their signatures judged, too."""
    example = EXAMPLES[hook, style]
    files = {
        "plugin.py": plugin_of(example),
        "views.py": VIEWS,
        "templates/hello/page.html": TEMPLATE,
        "static/hello.css": "",
    }
    make_plugin("hello", config=EVERYWHERE, events=events_of(example), files=files)
    visitor.site.enable("hello")
    for part in PARTS:
        if isinstance(part, Check) and part.section == hook:
            visitor.look(part)


def test_every_hook_of_the_list_has_a_section(site: PluginSite) -> None:
    shown = [title for title in SECTIONS if title in site.engine.catalogue]
    assert sorted(shown) == sorted(spec.name for spec in seed_hooks(site))
    assert len(shown) == 23


def test_hooks_are_marked_as_not_fired_exactly_while_they_are_not(site: PluginSite) -> None:
    marked = {spec.name for spec in seed_hooks(site) if "**Not fired yet**" in SECTIONS[spec.name]}
    assert marked == {spec.name for spec in seed_hooks(site) if spec.planned is not None}


def test_every_fired_hook_is_shown_in_both_styles_and_checked(site: PluginSite) -> None:
    checked = {each.section for each in PARTS if isinstance(each, Check)}
    for spec in seed_hooks(site):
        if spec.planned is None:
            assert {(spec.name, style) for style in STYLES} <= set(EXAMPLES), spec.name
            assert spec.name in checked


def test_every_section_names_the_parameters_of_the_list(site: PluginSite) -> None:
    """Seed 004, the list of hooks."""
    missing = [
        (spec.name, name)
        for spec in seed_hooks(site)
        for name in spec.seed_params or ()
        if f"`{name}`" not in SECTIONS[spec.name]
    ]
    assert missing == []


def test_the_page_names_no_other_file_of_the_docs_than_there_are() -> None:
    links = set(re.findall(r"\]\(([^)#:]+)", PAGE.read_text()))
    assert [link for link in links if not Path(PAGE.parent, link).exists()] == []
