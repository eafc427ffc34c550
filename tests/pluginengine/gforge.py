"""Plugins in GForge's style for tests, and looks at what they do to a site."""

import sys
from textwrap import dedent, indent

from sqlalchemy import select

from portal.core.database import db
from portal.groups.models import Group
from tests.fixtures.plugins import PluginSite

HEAD = """
from portal.pluginapi import *

CALLS = []


class Probe(Plugin):
"""

EVERYWHERE = {"scope": ["site", "group", "user"], "policy": {"group": "forced", "user": "forced"}}


def written(body: str, end: str = "register_plugin(Probe())") -> dict[str, str]:
    """The files of a plugin whose class has this body, and that ends so."""
    return {"plugin.py": HEAD + indent(dedent(body).strip(), "    ") + f"\n\n\n{end}\n"}


def answering(hook: str, call: str) -> str:
    """A class body that answers one hook by these lines, which see ``params``."""
    return (
        f"def get_hooks(self):\n    return [{hook!r}]\n\ndef call_hook(self, name, params):\n"
        + indent(dedent(call).strip(), "    ")
    )


def tabs(site: PluginSite, active: str = "summary") -> tuple[list[tuple[str, str, str]], str]:
    """The group's tabs as (key, title, url), and the key of the one that is marked."""
    with site.arrange("read"), site.app.test_request_context("/"):
        group = db.session.scalars(select(Group)).one()
        menu = site.app.jinja_env.globals["group_tabs"](group, active)
    return [(item.key, item.title, item.url) for item in menu.items], menu.selected


def incidents(site: PluginSite) -> list[str]:
    """What has gone wrong so far, newest first: plugin, hook, handler and error."""
    return [
        f"{one.plugin} {one.hook} {one.handler}: {one.error}"
        for one in site.runtime.health.incidents()
    ]


def calls(site: PluginSite) -> list[dict]:
    """What the probe has written down in CALLS."""
    module = type(site.engine.plugins["probe"].instance).__module__
    return sys.modules[module].CALLS
