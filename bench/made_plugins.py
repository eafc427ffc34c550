"""Makes plugins by the hundred, for benchmarks and long tests: each with rules, handlers and a template."""

from __future__ import annotations

from pathlib import Path

_LETTERS = "abcdefghijklmnopqrstuvwxyz"

_PLUGIN = """
from portal.pluginapi import MenuItem, Plugin


class Made(Plugin):
    def tab(self, group):
        return MenuItem(key=self.handle, title=self.handle, url=self.url("index", group=group))

    def text(self, group):
        return self.render("text.html", group=group)

    def style(self):
        return self.asset("made.css")
"""
_VIEWS = """
from flask import Blueprint
from portal.pluginapi import current, render_page

bp = Blueprint("{handle}", __name__)


@bp.get("/g/<group>/")
def index():
    return "index of {handle} {mark}"


@bp.get("/g/<group>/one")
def one():
    return "one"


@bp.get("/g/<group>/two/<int:number>")
def two(number):
    return "two"


@bp.post("/g/<group>/three")
def three():
    return "three"


@bp.get("/about")
def about():
    return "about {handle} {mark}"
"""
_EVENTS = """
groupmenu: [{handler: tab, type: NORMAL}]
project_after_description: [{handler: text, type: NORMAL}]
cssfile: [{handler: style, type: NORMAL}]
"""


def handle_of(number: int) -> str:
    """Return the handle of the plugin with that number: letters only, as the rule says."""
    return "made" + _LETTERS[number // 26] + _LETTERS[number % 26]


def make_plugins(folder: Path, count: int, *, mark: str = "first") -> list[str]:
    """Write ``count`` plugins into ``folder`` and return their handles; ``mark`` changes their code."""
    handles = [handle_of(number) for number in range(count)]
    for handle in handles:
        make_plugin(folder, handle, mark=mark)
    return handles


def make_plugin(folder: Path, handle: str, *, mark: str = "first") -> None:
    """Write one plugin."""
    files = {
        "config.yml": f'name: {handle}\ncode: {handle}\nversion: "1.0"\nscope: [site, group]\n',
        "event.yml": _EVENTS,
        "plugin.py": _PLUGIN,
        "views.py": _VIEWS.replace("{handle}", handle).replace("{mark}", mark),
        f"templates/{handle}/text.html": "<p>{{ group.full_name }} uses " + handle + ".</p>\n",
        "static/made.css": f".{handle} {{ margin: 0 }}\n",
    }
    for name, text in files.items():
        path = folder / handle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
