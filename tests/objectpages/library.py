"""A site whose groups keep their books: docs/plugins/examples/books, and what stands in it."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from werkzeug.test import TestResponse

from portal.access.roles import create_role
from portal.access.services import add_member
from portal.accounts.models import User
from portal.config import ROOT
from tests.factories import make_group, make_user
from tests.fixtures.plugins import PluginSite

EXAMPLES: Path = ROOT / "docs" / "plugins" / "examples"
BOOKS = "/plugins/books/g/apollo/t/book/"
SHELVES = "/plugins/books/t/shelf/"
SKYLAB, VOSTOK = (f"/plugins/books/g/{name}/t/book/" for name in ("skylab", "vostok"))
#: A form of a book that nothing is wrong with.
BOOK: Mapping[str, str] = {"field_title": "Carrying the Fire", "field_state": "there"}


class Library:
    """The site, its people by name, and their browsers.

    All groups but mercury use the plugin; gemini is private. alice administers the groups, bob is an Editor
    there, carol a Reader, dave belongs to none; root is a site admin.
    """

    def __init__(self, site: PluginSite) -> None:
        self.site = site
        site.enable("books")
        self.people: dict[str, User | None] = {"": None}
        with site.arrange():
            for name in ("alice", "bob", "carol", "dave", "root"):
                self.people[name] = make_user(name, is_site_admin=name == "root")
            for name in ("apollo", "gemini", "mercury", "skylab", "vostok"):
                self._add_group(name)

    def _add_group(self, name: str) -> None:
        group = make_group(name, is_public=name != "gemini")
        create_role(group, "Editor", ["group.read", "group.books_edit"])
        for person, role in (("alice", "Admin"), ("bob", "Editor"), ("carol", "Reader")):
            add_member(group, self.person(person), role)
        group.set_plugin_usage("books", name != "mercury")

    def person(self, name: str) -> User:
        """Return somebody by name."""
        found = self.people[name]
        assert found is not None
        return found

    def get(self, address: str, user_name: str = "", **options: Any) -> TestResponse:
        """Return the answer to somebody's GET; nobody's name is the empty text."""
        return self.site.client(self.people[user_name]).get(address, **options)

    def post(self, address: str, fields: Mapping[str, Any], user_name: str = "bob") -> TestResponse:
        """Return the answer to a form that somebody sends."""
        return self.site.client(self.people[user_name]).post(address, data=dict(fields))

    def add(self, address: str = BOOKS, user_name: str = "bob", **fields: Any) -> str:
        """Add a row by the form, a book where nothing else is said; return the address of its page."""
        given = {f"field_{name}": value for name, value in fields.items()}
        base = BOOK if address.endswith("/book/") else {}
        answer = self.post(f"{address}new", {**base, **given}, user_name)
        assert answer.status_code == 303, errors_in(answer)
        return answer.headers["Location"]

    def digest(self, address: str, user_name: str = "bob") -> str:
        """Return what the edit form of a row says of its state."""
        page = self.get(f"{address}edit", user_name).text
        found = re.search(r'name="digest"[^>]*value="([0-9a-f]+)"', page)
        assert found, page
        return found[1]

    def edit(self, address: str, user_name: str = "bob", **fields: Any) -> TestResponse:
        """Send the edit form of a book, opened a moment ago."""
        given = {f"field_{name}": value for name, value in fields.items()}
        sent = {**BOOK, **given, "digest": self.digest(address, user_name)}
        return self.post(f"{address}edit", sent, user_name)


def errors_in(answer: TestResponse) -> list[str]:
    """Return what a page says is wrong, in its summary and at its fields."""
    lines = re.findall(
        r"<li>(.*?)</li>", _between(answer.text, 'role="alert"', "</form>"), re.DOTALL
    )
    at_fields = re.findall(r'class="field-errors".*?</div>', answer.text, re.DOTALL)
    return [_plain(each) for each in (*lines, *at_fields)]


def titles_in(answer: TestResponse) -> list[str]:
    """Return the first cell of every row of a list."""
    rows = re.findall(r"<tr>\s*<td[^>]*>(.*?)</td>", answer.text, re.DOTALL)
    return [_plain(row) for row in rows]


def _plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split()).replace(" :", ":")


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]
