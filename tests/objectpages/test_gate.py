"""Generic pages pass the plugins' own gate: switches, quarantine, safe mode, masks (design 4, 6 and 9)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import update

from portal.core.database import db
from portal.pluginengine.models import PluginRow
from portal.pluginengine.operations import raise_generation
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.objectpages.library import BOOKS, SHELVES, Library


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The gate is the same on both databases."""
    return sqlite_url


@pytest.fixture
def changed(library: Library) -> Iterator[Library]:
    """The library, whose plugin is as it was when the test is over."""
    yield library
    change(library.site, enable=1, load_state="ok")


def change(site: PluginSite, **values: object) -> None:
    """Change the plugin's row and go over to the next generation."""
    with site.arrange():
        db.session.execute(update(PluginRow).values(**values))
        raise_generation()
    site.refresh()


@pytest.mark.parametrize("state", [{"enable": 0}, {"load_state": "quarantined"}], ids=str)
def test_pages_of_a_plugin_that_does_not_run_are_not_there(
    changed: Library, state: dict[str, object]
) -> None:
    assert changed.get(BOOKS).status_code == 200
    change(changed.site, **state)
    for address in (BOOKS, SHELVES, f"{BOOKS}new"):
        assert changed.get(address, "root").status_code == 404


def test_pages_of_a_plugin_that_is_away_for_now_ask_to_come_back(changed: Library) -> None:
    engine = changed.site.engine
    held = replace(engine.state, held={"books": "update"})
    app = changed.site.runtime.build(held)
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    answer = app.test_client().get(BOOKS)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "3"
    assert app.test_client().get("/plugins/nothing/t/book/").status_code == 404


def test_pages_are_not_there_in_safe_mode(changed: Library) -> None:
    safe = PluginSite(replace(changed.site.settings, safe_mode=True))
    assert safe.client().get(BOOKS).status_code == 404
    safe.close()


def test_a_group_that_does_not_use_the_plugin_has_no_pages(library: Library) -> None:
    assert library.get("/plugins/books/g/mercury/t/book/", "alice").status_code == 404


def test_a_plugin_of_groups_alone_shows_its_site_pages_to_people(
    site: PluginSite, make_plugin: MakePlugin
) -> None:
    types = {"note": {"title": "string(20)"}}
    config = {"object_types": types, "schema_version": "1", "scope": ["group"]}
    make_plugin("probe", config={**config, "pages": {"note": {"view": "everybody"}}})
    site.write_down("probe")
    answer = site.client().get("/plugins/probe/t/note/")
    assert answer.headers["Location"].startswith("/login")


def test_a_site_admin_who_hides_the_plugin_does_not_see_its_pages(library: Library) -> None:
    browser = library.site.client(library.people["root"])
    browser.post("/admin/safe-mode", data={"next": "/"})
    assert browser.get(BOOKS).status_code == 404
    assert library.get(BOOKS, "root").status_code == 200
