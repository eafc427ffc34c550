"""Every known fault of a plugin's folder and of its handlers, as files, with how it is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent, indent

import yaml

from tests.fixtures.plugins import manifest
from tests.hooks.probing import EVERYWHERE

CONFIG = yaml.safe_dump(manifest("probe", **EVERYWHERE))
EMPTY = "from portal.pluginapi import Plugin\n\n\nclass Probe(Plugin):\n    pass\n"

HEAD = """
import sys
from markupsafe import Markup
from sqlalchemy import select, text, update
from portal.pluginapi import Group, MenuItem, Plugin, User, db


class Untold(Exception):
    def __str__(self):
        raise RuntimeError("even its text cannot be had")


class Probe(Plugin):
"""

RENDERED = ("message", "project_after_description")
MENUS = ("outermenu", "groupmenu", "usermenu")
TOLD = ("after_session_set",)
ANY = (*TOLD, "cssstyle", *RENDERED, *MENUS)
SWITCHES = ("groupisactivecheckbox", "userisactivecheckbox")
OF_GROUP = ("groupmenu", "project_after_description")


@dataclass(frozen=True)
class Fault:
    """What is wrong: the files, and the words in which site admin names the cause.

    ``hooks`` are those whose handlers fail; empty when the plugin cannot run at all.
    ``about_the_database`` faults are shown on both kinds.
    """

    files: Mapping[str, str]
    cause: str
    hooks: tuple[str, ...] = ()
    about_the_database: bool = False


def config(**keys: object) -> Fault:
    """Return a fault of config.yml; ``cause`` is the text by which it is named."""
    cause = str(keys.pop("cause"))
    return Fault({"config.yml": yaml.safe_dump({**manifest("probe", **EVERYWHERE), **keys})}, cause)


def folder(cause: str, **files: str) -> Fault:
    """Return a fault of the folder; a name's last underscore stands for the dot."""
    named = {".".join(name.rsplit("_", 1)): dedent(text) for name, text in files.items()}
    return Fault({"config.yml": CONFIG, **named}, cause)


def handler(
    cause: str, body: str, hooks: tuple[str, ...] = ANY, *, database: bool = False, **templates: str
) -> Fault:
    """Return the fault of a handler with this body, at each of the hooks."""
    methods = [
        f"def on_{hook}(self, **given):\n{indent(dedent(body).strip(), '    ')}\n" for hook in hooks
    ]
    events = {hook: [{"handler": f"on_{hook}", "type": "NORMAL"}] for hook in hooks}
    files = {
        "config.yml": CONFIG,
        "event.yml": yaml.safe_dump(events),
        "plugin.py": HEAD + indent("\n".join(methods), "    "),
    }
    files |= {f"templates/probe/{name}.html": text for name, text in templates.items()}
    return Fault(files, cause, hooks, database)


def statement(sql: str) -> str:
    """Return the call that sends a statement."""
    return f"db.session.execute(text({sql!r}))"


def gforge(get_hooks: str, call_hook: str) -> str:
    """Return a plugin in GForge's style with these bodies."""
    return dedent(
        f"""
        from portal.pluginapi import Plugin, register_plugin


        class Probe(Plugin):
            def get_hooks(self):
                {get_hooks}

            def call_hook(self, name, params):
                {call_hook}


        register_plugin(Probe())
        """
    )


FAULTS: dict[str, Fault] = {
    # -- the files ---------------------------------------------------------------------------
    "bad yaml": folder("config.yml", config_yml="name: [probe"),
    "yaml that is no mapping": folder("config.yml", config_yml="- probe"),
    "empty file": folder("config.yml", config_yml=""),
    "missing keys": folder("config.yml, version", config_yml="{name: Probe, code: probe}"),
    "bad code": config(code="1 bad!", cause="config.yml, code"),
    "bad version": config(version="version 3", cause="config.yml, version"),
    "bad handle": config(handle="Pr0be", cause="config.yml, handle"),
    "another version": config(version="1.1", cause="Update required"),
    "bad event yaml": folder("event.yml", event_yml="message: [{handler"),
    "unknown hook": folder("groupmeny", plugin_py=EMPTY, event_yml="groupmeny: [{handler: x, type: NORMAL}]"),
    "handler without type": folder("event.yml, message", event_yml="message: [{handler: x}]"),
    # -- the code ----------------------------------------------------------------------------
    "import error": folder("no_such_module", plugin_py="import no_such_module"),
    "syntax error": folder("SyntaxError", plugin_py="class Probe(:"),
    "sys.exit while imported": folder("SystemExit", plugin_py="import sys\nsys.exit(3)"),
    "no class": folder(
        "Probe", plugin_py="x = 1", event_yml="message: [{handler: x, type: NORMAL}]"
    ),
    "no such method": folder(
        "no such method", plugin_py=EMPTY, event_yml="message: [{handler: x, type: NORMAL}]"
    ),
    "wrong signature": folder(
        "it asks for nonsense; the hook offers viewer",
        plugin_py=EMPTY.replace("pass", "def x(self, nonsense): ..."),
        event_yml="message: [{handler: x, type: NORMAL}]",
    ),
    "coroutine": folder(
        "coroutine function",
        plugin_py=EMPTY.replace("pass", "async def x(self): ..."),
        event_yml="message: [{handler: x, type: NORMAL}]",
    ),
    "views without blueprint": folder("name its blueprint bp", views_py="x = 1"),
    "blueprint that reaches out": folder(
        "whole site",
        views_py="""
        from flask import Blueprint
        bp = Blueprint("probe", __name__)
        bp.before_app_request(lambda: "mine")
        """,
    ),
    "get_hooks with an unknown hook": folder(
        "groupmeny",
        plugin_py=gforge("return ['groupmeny']", "..."),
    ),
    # -- what handlers do --------------------------------------------------------------------
    "raises": handler("ValueError: no luck", "raise ValueError('no luck')"),
    "raises what cannot be told": handler("Untold", "raise Untold"),
    "sys.exit": handler("SystemExit: 3", "sys.exit(3)"),
    "raises what Ctrl-C raises": handler("KeyboardInterrupt", "raise KeyboardInterrupt"),
    "raises what ends a generator": handler("GeneratorExit", "raise GeneratorExit"),
    "endless recursion": handler("RecursionError", "def deeper(): return deeper()\nreturn deeper()"),
    "template with an error": handler(
        "TemplateSyntaxError", "return self.render('bad.html')", RENDERED, bad="{% if %}"
    ),
    "template that is not there": handler(
        "TemplateNotFound", "return self.render('absent.html')", RENDERED
    ),
    "template that fails": handler(
        "UndefinedError", "return self.render('bad.html')", RENDERED, bad="{{ nothing.at.all }}"
    ),
    "template left open": handler(
        "comes while <b> is open", "return self.render('bad.html')", RENDERED, bad="<p><b>x</p>"
    ),
    # -- what they give ----------------------------------------------------------------------
    "wrong type": handler("object", "return object()", ("cssstyle", *RENDERED, *MENUS)),
    "wrong type in a list": handler("got int", "return [1, 2]", MENUS),
    "value that cannot be": handler(
        "unsafe address", "return MenuItem(key='x', title='X', url='java\\nscript:x')", MENUS
    ),
    "unclosed html": handler("<div> is not closed", "return Markup('<div><p>x</p>')", RENDERED),
    "html that closes the page": handler("closes nothing", "return Markup('</div>')", RENDERED),
    "html with an open attribute": handler(
        "is not finished", "return Markup('<a href=\"x>y</a>')", RENDERED
    ),
    "unclosed css": handler("{ is not closed", "return 'p { color: red'", ("cssstyle",)),
    "form beside a switch": handler(
        "<form> cannot stand", "return Markup('<form action=\"/logout\"></form>')", SWITCHES
    ),
    "field of another plugin": handler(
        "must be called probe_<field>", "return Markup('<input name=\"use_other\">')", SWITCHES
    ),
    "endless values": handler(
        "more than 1000 values",
        "while True:\n    yield MenuItem(key='x', title='X', url='/x')",
        MENUS,
    ),
    "endless markup": handler("bytes of markup", "return Markup('<br>' * 100_000)", RENDERED),
    "endless text": handler("bytes of markup", "return '&' * 100_000", RENDERED),
    "endless title": handler(
        "more than 1000 characters", "return MenuItem(key='x', title='x' * 10**6, url='/')", MENUS
    ),
    "endless css": handler("more than 262144", "return '/* */' * 100_000", ("cssstyle",)),
    # -- what they change --------------------------------------------------------------------
    "changed argument": handler(
        "changed or added rows", "given['group'].full_name = 'Mine'", OF_GROUP, database=True
    ),
    "changed list of GForge": Fault(
        {
            "config.yml": CONFIG,
            "plugin.py": gforge("return ['groupmenu']", "params['DIRS'][0] = '/mine'"),
        },
        "DIRS was changed otherwise than by appending",
        ("groupmenu",),
    ),
    "commit": handler("session.commit() is not allowed", "db.session.commit()", database=True),
    "roll-back": handler("session.rollback() is not allowed", "db.session.rollback()", database=True),
    "close": handler("session.close() is not allowed", "db.session.close()", database=True),
    "raw commit": handler("is not allowed", statement("COMMIT"), database=True),
    "bad sql": handler("no_such_table", statement("SELECT * FROM no_such_table"), database=True),
    "bad sql swallowed": handler(
        "broke the database transaction",
        f"try:\n    {statement('SELECT * FROM no_such_table')}\nexcept Exception:\n    pass",
        database=True,
    ),
    "core row changed": handler(
        "changed or added rows",
        "db.session.scalars(select(Group)).first().full_name = 'Mine'",
        database=True,
    ),
    "core row written": handler(
        "which is not its own",
        "db.session.scalars(select(Group)).first().full_name = 'Mine'\ndb.session.flush()",
        database=True,
    ),
    "core row added": handler(
        "changed or added rows",
        "db.session.add(User(user_name='mole', real_name='M', email='m', email_ci='m'))",
        database=True,
    ),
    "core rows updated": handler(
        "which is not its own",
        "db.session.execute(update(Group).values(full_name='Mine'))",
        database=True,
    ),
    "table made": handler("is not allowed", statement("CREATE TABLE plugin_probe_x (x int)"), database=True),
}  # fmt: skip
