"""Archives of plugins that a site admin uploads: one declares much, one leaves a table, one people set up."""

from pathlib import Path
from tempfile import TemporaryDirectory

from portal.config import ROOT
from tests.fixtures.plugins import THING_MIGRATION, pack, write_plugin

TAB = "def tab(self):\n    return None\n"


def declaring() -> bytes:
    """Return a plugin that uses what config.yml knows, and a hook that nobody knows."""
    with TemporaryDirectory() as folder:
        made = write_plugin(
            Path(folder),
            "novelty",
            config={
                "author": "Ann Author",
                "license": "MIT",
                "description": "Shows what an archive may declare.",
                "scope": ["group", "user"],
                "requires": {"portal": {"tested": "0.01"}, "plugins": {"ghost": "2.0"}},
                "permissions": {"group.novelty_edit": {"label": "Edit novelties", "order": "10"}},
                "settings": {"greeting": {"type": "string", "default": "Hi"}},
                "writes": ["groups"],
            },
            events={"groupmenu": ["tab"], "no_such_hook": ["tab"]},
            methods=TAB,
            files={"migrations/0001.py": THING_MIGRATION.replace("probe", "novelty")},
        )
        return pack(made)


def personal() -> bytes:
    """Return a plugin that people switch on for themselves and set up for themselves."""
    with TemporaryDirectory() as folder:
        setting = {"label": "Motto", "scope": "user", "max": "80"}
        config = {"scope": ["user"], "settings": {"motto": setting}}
        return pack(write_plugin(Path(folder), "motto", config=config))


def books() -> bytes:
    """Return the example of a plugin without any Python, whose pages are made by the portal."""
    return pack(ROOT / "docs" / "plugins" / "examples" / "books")


def leaving() -> bytes:
    """Return a plugin with a table and a file of its own."""
    writes = "def install(self, config, app):\n    self.files.write('kept.txt', b'kept')\n"
    with TemporaryDirectory() as folder:
        made = write_plugin(
            Path(folder),
            "relic",
            events={"groupmenu": ["tab"]},
            methods=TAB + "\n" + writes,
            files={"migrations/0001.py": THING_MIGRATION.replace("probe", "relic")},
        )
        return pack(made)
