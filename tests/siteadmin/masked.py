"""A site with ten plugins, one of them slow and one that fails, and the browsers that look at it."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.loading import find_user
from portal.config import Settings
from portal.core.unit_of_work import unit_of_work
from tests.factories import make_group, make_member, make_user, sign_in
from tests.fixtures.compiled import share_compiled_templates
from tests.sampleplugins import PluginSite

SPIN = """
    import time
    until = time.process_time() + (0.1 if given["group"] is not None else 0.002)
    while time.process_time() < until:
        pass
    return Markup("<p>from sloth</p>")
"""
QUIET = ("anna", "bert", "carl", "dora", "emil", "fred", "gina", "hans")
TEN = (*QUIET, "sloth", "flake")
BISECT = "/admin/plugin-bisect"


def says(handle: str) -> Mapping[str, str]:
    """Handlers of a plugin that says on every page that it is there."""
    return {"message": f'return Markup("<p>from {handle}</p>")'}


class MaskedSite:
    """The site; everything in it is made once, and nothing that a browser does here stays."""

    def __init__(self, folder: Path, template: Path) -> None:
        settings = Settings.load(
            {
                "PORTAL_VAR": str(share_compiled_templates(folder / "var")),
                "DATABASE_URL": copied_database(folder, template),
                "PORTAL_SECRET_KEY": "a secret of the tests, long enough to be one",
            }
        )
        self.plugins = PluginSite(settings, folder / "plugins")
        for handle in QUIET:
            self.plugins.write(handle, says(handle))
        self.plugins.write("sloth", {"message": SPIN})
        self.plugins.write("flake", {"message": 'raise RuntimeError("no luck")'})
        self.app = self.plugins.run(*TEN)
        with self.arranged():
            group = make_group("apollo")
            for name in ("ada", "eve"):
                make_user(name, is_site_admin=True)
            make_member(group, make_user("alice"), "Admin")

    @contextmanager
    def arranged(self) -> Iterator[None]:
        """Be in a unit of work that commits."""
        with self.app.app_context(), unit_of_work():
            yield

    def browser(self, name: str = "ada") -> FlaskClient:
        """Return a new browser in which that person is signed in, "" for nobody."""
        client = self.app.test_client()
        return signed_in(client, name) if name else client


def copied_database(folder: Path, template: Path) -> str:
    """Return the address of a migrated, empty database of the folder's own."""
    shutil.copyfile(template, folder / "portal.db")
    return f"sqlite:///{folder / 'portal.db'}"


def signed_in(client: FlaskClient, name: str) -> FlaskClient:
    """Sign the person of that name in to a browser."""
    with client.application.app_context(), unit_of_work():
        user = find_user(name)
        assert user is not None
        return sign_in(client, user)


def banner(page: str) -> str:
    """Return the text of the banner that tells what this browser sees; empty without one."""
    found = re.search(r'<section class="own-view".*?</section>', page, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found.group()) if found else ""


def seen(page: str) -> set[str]:
    """Return the plugins that say on the page that they are there."""
    return set(re.findall(r"<p>from (\w+)</p>", page))


def field(page: str, name: str) -> str:
    """Return the value of the first hidden field of that name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found.group(1)


def answer(client: FlaskClient, page: str, word: str) -> TestResponse:
    """Press a button of the question at the foot of the page."""
    data = {"answer": word, "turn": field(page, "turn")}
    if 'name="here"' in page:
        data["here"] = field(page, "here")
    return client.post(f"{BISECT}/answer", data=data)
