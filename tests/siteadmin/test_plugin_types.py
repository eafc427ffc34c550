"""What site admin tells of a plugin's types: their pages, why one has none, and what comes with them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import Settings
from tests.fixtures.plugins import pack, write_plugin
from tests.siteadmin.plugins import AdminSite, running

CONFIG = {
    "schema_version": "1",
    "object_types": {
        "loan": {"what": "string", "group_id": "integer not null references groups"},
        "shelf": {"name": "string(40)"},
        "word": {"text": "string(40) primary key"},
        "cup": "models:Cup",
        "group": {"rating": "integer"},
    },
    "pages": {"shelf": {"plural": "Shelves", "only": ["list", "show"]}},
}
MODELS = """
    from portal.pluginapi import ObjectType


    class Cup(ObjectType):
        column_defs = {"size": "integer"}
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A plugin with types of every sort."""
    folder: Path = tmp_path_factory.mktemp("authors")
    return pack(write_plugin(folder, "library", config=CONFIG, files={"models.py": MODELS}))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The database has no say in it."""
    return sqlite_url


@pytest.fixture
def site(settings: Settings, plugin_folder: Path, tmp_path: Path) -> Iterator[AdminSite]:
    """A site where nothing is installed yet."""
    with running(settings, plugin_folder, tmp_path / "authors") as site:
        yield site


def words_of(site: AdminSite, address: str) -> str:
    """Return the words of a page, without tags."""
    page = site.browser().get(address).text
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_the_preview_tells_which_pages_and_permissions_come(
    site: AdminSite, archive: bytes
) -> None:
    """Of a class nothing is known before its code runs; an extension of the core's has no pages."""
    text = words_of(site, site.keep(archive))
    pages = text.partition("Pages for its types")[2].partition("Tables of the portal")[0]
    assert "Loans loan : list, single pages, add, change, delete group" in pages
    assert "Shelves shelf : list, single pages site" in pages
    assert "Words word : No pages. Its key is not one whole number." in pages
    assert "Cups cup : No pages. Its columns stand in the plugin's code" in pages.replace(
        "&#39;", "'"
    )
    assert "rating" not in pages
    permissions = text.partition("Data about people")[0].rpartition("Permissions")[2]
    for each in (
        "group.library_view",
        "group.library_edit",
        "system.library_view",
        "system.library_edit",
    ):
        assert each in permissions
    assert permissions.count("Whoever sees a group that uses it has it there.") == 1


def test_the_page_of_the_plugin_lists_its_types_with_pages_and_rows(
    site: AdminSite, archive: bytes
) -> None:
    site.install(archive)
    page = site.browser().get("/admin/plugins/library/data").text
    assert 'href="/plugins/library/t/shelf/"' in page
    assert "/plugins/library/t/loan/" not in page
    text = words_of(site, "/admin/plugins/library/data")
    assert "Shelves shelf list, single pages site 0" in text
    assert "Loans loan list, single pages, add, change, delete group 0" in text
    assert "Cups cup list, single pages, add, change, delete site 0" in text
    assert "Words word No pages. Its key is not one whole number. 0" in text
    site.site.operate("disable", "library")
    assert "Its types are not known" in words_of(site, "/admin/plugins/library/data")


def test_the_tab_of_permissions_holds_those_that_come_with_pages(
    site: AdminSite, archive: bytes
) -> None:
    """Of a disabled plugin as far as its files tell: its archive is in the store."""
    site.install(archive)
    text = words_of(site, "/admin/plugins/library/permissions")
    assert "See entries of Library" in text
    assert "group.library_view · whoever sees a group that uses it has it there" in text
    assert "system.library_edit · brings along system.library_view" in text


def test_a_plugin_without_types_says_so(site: AdminSite) -> None:
    site.install()
    assert "No types of its own" in words_of(site, "/admin/plugins/probe/data")
