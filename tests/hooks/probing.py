"""A site with people and groups, and plugins that note exactly what their handlers are given."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from flask.testing import FlaskClient

from portal.accounts.loading import find_user
from portal.accounts.models import User
from portal.config import Settings
from portal.core.database import db
from portal.groups.models import Group
from portal.groups.queries import named_group
from tests.factories import make_group, make_member, make_user
from tests.fixtures.compiled import share_compiled_templates
from tests.fixtures.plugins import PluginSite, write_plugin
from tests.hooks.dom import Element, parse

PASSWORD = "portal-demo"
EVERYWHERE = {"scope": ["site", "group", "user"]}

#: Anonymous, a member of apollo, its administrator, a site admin.
VIEWERS = ("", "bob", "alice", "admin")

#: The head of every probe: ``note`` keeps the arguments of a call in words, as they are then.
_HEAD = """
from markupsafe import Markup
from portal.pluginapi import *

CALLS = []
GIVEN = {}


def give(hook, given):
    value = GIVEN.get(hook)
    return value(given) if callable(value) else value


def note(hook, given):
    CALLS.append((hook, {name: told(value) for name, value in given.items()}))


def told(value):
    if isinstance(value, Group):
        return f"Group {value.name}"
    if isinstance(value, User):
        return f"User {value.user_name}"
    if value is None or type(value) in (str, int, bool):
        return value
    if type(value) is dict:
        return {key: told(each) for key, each in value.items()}
    return f"a {type(value).__name__}"


class Probe(Plugin):
    pass

"""


class ProbedSite(PluginSite):
    """A site on which apollo and alice use the plugins, mercury and bob do not."""

    def write(self, handle: str, answers: Mapping[str, str], **config: Any) -> None:
        """Write a plugin: ``answers`` maps hooks to the bodies of their handlers.

        A body sees its arguments as the mapping ``given``; they are noted before it runs.
        """
        methods = [
            f"def {hook}(self, **given):\n    note({hook!r}, given)\n{indent(dedent(body), '    ')}\n"
            for hook, body in answers.items()
        ]
        write_plugin(
            self.folder,
            handle,
            config={**EVERYWHERE, **config},
            events={hook: [hook] for hook in answers},
            files={"plugin.py": _HEAD + indent("\n".join(methods), "    ")},
        )

    @property
    def folder(self) -> Path:
        """Where the test's plugins lie."""
        (folder,) = self.settings.plugin_path
        return folder

    def run(self, handle: str, answers: Mapping[str, str], **config: Any) -> None:
        """Write a plugin, enable it, and let apollo and alice use it."""
        self.write(handle, answers, **config)
        self.enable(handle)
        self.use(handle)

    def run_open(self, handle: str, *hooks: str, **config: Any) -> None:
        """Run a plugin whose answers the tests give by ``give``; None until then."""
        self.run(handle, {hook: f"return give({hook!r}, given)" for hook in hooks}, **config)

    def give(self, handle: str, **answers: Any) -> None:
        """Let an open plugin answer so, and nothing else; a callable gets the arguments."""
        given = self._module(handle).GIVEN
        given.clear()
        given.update(answers)

    def use(self, handle: str, *, used: bool = True) -> None:
        """Let apollo and alice use a plugin, or no longer."""
        with self.arrange():
            for owner in (named_group("apollo"), find_user("alice")):
                assert owner is not None
                if owner.plugin_scope in self.engine.plugins[handle].switch.scopes:
                    assert owner.set_plugin_usage(handle, used)

    def make_people(self) -> None:
        """Add apollo, mercury and the private gemini, alice, bob and an admin.

        Alice administers the groups, bob works in them.
        """
        with self.arrange():
            make_user("admin", is_site_admin=True, password=PASSWORD)
            alice, bob = (make_user(name, password=PASSWORD) for name in ("alice", "bob"))
            for group in (
                make_group("apollo"),
                make_group("mercury"),
                make_group("gemini", is_public=False),
            ):
                make_member(group, alice, "Admin")
                make_member(group, bob)

    def as_(self, name: str) -> FlaskClient:
        """Return the browser of a person; "" is an anonymous visitor."""
        if not name:
            return self.client()
        with self.arrange("read"):
            user = find_user(name)
            assert user is not None
            return self.client(user)

    def group_id(self, name: str) -> int:
        """Return a group's key."""
        with self.arrange("read"):
            return db.session.query(Group.group_id).filter_by(name=name).scalar()

    def user_id(self, name: str) -> int:
        """Return a person's key."""
        with self.arrange("read"):
            return db.session.query(User.user_id).filter_by(user_name=name).scalar()

    def page(self, path: str, viewer: str = "") -> Element:
        """Return a page as a person sees it; it must be there."""
        answer = self.as_(viewer).get(path)
        assert answer.status_code == 200, (path, viewer, answer.status)
        return parse(answer.text)

    def calls(self, handle: str = "probe") -> list[tuple[str, dict[str, Any]]]:
        """Return what the plugin's handlers have been given since this was last asked."""
        noted = self._module(handle).CALLS
        calls = list(noted)
        noted.clear()
        return calls

    def calls_of(self, hook: str, handle: str = "probe") -> list[dict[str, Any]]:
        """Return the arguments of each call of one hook since calls were last asked for."""
        return [given for name, given in self.calls(handle) if name == hook]

    def incidents(self) -> list[tuple[str, str, str]]:
        """Return plugin, hook and error of each failure since this was last asked, the latest first."""
        found = [(each.plugin, each.hook, each.error) for each in self.engine.health.incidents()]
        self.engine.health.keep_only(())
        return found

    def _module(self, handle: str) -> Any:
        return sys.modules[f"{self.engine.plugins[handle].package}.plugin"]


@contextmanager
def probed_site(folder: Path, url: str) -> Iterator[ProbedSite]:
    """Make a site on a migrated, empty database, its files in ``folder``; for the tests of a module."""
    (folder / "plugins").mkdir()
    environ = {
        "PORTAL_VAR": str(share_compiled_templates(folder / "var")),
        "DATABASE_URL": url,
        "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
        "PORTAL_PLUGIN_PATH": str(folder / "plugins"),
    }
    site = ProbedSite(Settings.load(environ))
    site.make_people()
    try:
        yield site
    finally:
        site.close()
