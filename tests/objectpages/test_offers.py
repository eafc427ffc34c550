"""Which pages a type has: what config.yml leaves, what its columns allow, of whose plugin (M-14, M-16)."""

import pytest
from werkzeug.test import TestResponse

from portal.accounts.models import User
from portal.core.database import db
from tests.factories import make_user
from tests.fixtures.plugins import MakePlugin, PluginSite
from tests.objectpages.library import titles_in

TYPES = {
    "memo": {"body": "text not null", "moment": "datetime"},
    "file": {"name": "string(20)", "content": "blob not null"},
    "entry": {"name": "string(20)"},
    "pair": {"name": "string(20) primary key"},
}
PAGES = {
    "memo": {"view": "everybody"},
    "file": {"view": "everybody"},
    "entry": {"view": "everybody", "only": ["list", "show"], "descending": "true"},
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Which pages there are does not depend on the database."""
    return sqlite_url


class Cabinet:
    """A site with a plugin of many types, and its admin."""

    def __init__(self, site: PluginSite) -> None:
        self.site = site
        with site.arrange():
            self.root: User = make_user("root", is_site_admin=True)

    def get(self, rest: str, handle: str = "probe") -> TestResponse:
        """Look at a page as the site admin."""
        return self.site.client(self.root).get(f"/plugins/{handle}/t/{rest}")

    def post(self, rest: str, **fields: str) -> TestResponse:
        """Send a form as the site admin."""
        return self.site.client(self.root).post(f"/plugins/probe/t/{rest}", data=fields)


@pytest.fixture
def cabinet(site: PluginSite, make_plugin: MakePlugin) -> Cabinet:
    """The plugin, enabled, beside one without types."""
    config = {"object_types": TYPES, "pages": PAGES, "schema_version": "1", "scope": ["site"]}
    make_plugin("probe", config=config)
    make_plugin("other")
    site.enable("probe", "other")
    return Cabinet(site)


def test_pages_that_are_not_offered_are_not_there(cabinet: Cabinet) -> None:
    page = cabinet.get("entry/")
    assert page.status_code == 200
    assert "New entry" not in page.text
    for rest in ("entry/new", "entry/1/edit", "entry/1/delete"):
        assert cabinet.get(rest).status_code == 404
        assert cabinet.post(rest).status_code == 404


def test_a_type_that_needs_bytes_has_no_form_for_new_rows(cabinet: Cabinet) -> None:
    assert cabinet.get("file/").status_code == 200
    assert cabinet.get("file/new").status_code == 404


def test_a_type_without_a_whole_number_as_its_key_has_no_pages(cabinet: Cabinet) -> None:
    assert cabinet.get("pair/").status_code == 404


def test_a_row_without_a_name_is_called_by_its_number(cabinet: Cabinet) -> None:
    answer = cabinet.post("memo/new", field_body="Remember\nthe milk")
    assert answer.headers["Location"] == "/plugins/probe/t/memo/1/"
    page = cabinet.get("memo/1/").text
    assert "<title>Memo 1 · " in page
    assert '<p class="written">Remember\nthe milk</p>' in page
    assert "Delete “Memo 1”?" in cabinet.get("memo/1/delete").text
    assert 'href="/plugins/probe/t/memo/1/"' in cabinet.get("memo/").text


def test_types_are_found_below_their_own_plugin_alone(cabinet: Cabinet) -> None:
    assert cabinet.get("memo/", "other").status_code == 404
    assert cabinet.get("user/").status_code == 404


def test_the_newest_come_first_where_the_type_says_so(cabinet: Cabinet) -> None:
    with cabinet.site.arrange():
        model = cabinet.site.engine.plugins["probe"].types.own["entry"].model
        for name in ("old", "new"):
            db.session.add(model(name=name))
            db.session.flush()
    assert titles_in(cabinet.get("entry/")) == ["new", "old"]
