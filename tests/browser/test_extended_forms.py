"""A form that a plugin extends in a real browser, on a phone: asked, refused, accepted, found again (E-21)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.demoaccounts import DEMO_PASSWORD
from portal.config import ROOT
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import described, widest
from tests.browser.visitors import Visitor
from tests.browser.walking import WalkedSite, address_of, expect_page
from tests.fixtures.plugins import pack

pytestmark = pytest.mark.browser

BADGES = ROOT / "docs" / "plugins" / "examples" / "badges"
FOLLOWED_WITHIN_SECONDS = 15
PHONE = {"width": 360, "height": 740}


@contextmanager
def installed(walked: WalkedSite) -> Iterator[Visitor]:
    """Have the plugin ask in the block, and nobody behind it: other walks register, too."""
    admin, password = Visitor(walked.url, "admin"), {"password": DEMO_PASSWORD}
    assert admin.send("/my/confirm-password", password, form_at="/my/").status == 303
    place = admin.upload("/admin/plugin-install", "plugin.zip", pack(BADGES)).headers["Location"]
    answer = admin.send(place, {"do": "install", "enable": "y"}, form_at=place)
    assert answer.status == 303, answer.text
    try:
        yield admin
    finally:
        gone = "/admin/plugins/badges/uninstall"
        assert admin.send(gone, {"do": "uninstall"}, form_at=gone).status == 303


def open_when_asked(page: Page, path: str, text: str) -> None:
    """Open the page once this worker has followed: two seconds at most for who has changed nothing."""
    until = time.monotonic() + FOLLOWED_WITHIN_SECONDS
    while page.goto(path) and text not in page.content():
        assert time.monotonic() < until, page.content()
        time.sleep(0.2)


def assert_accessible(page: Page, node_modules: Path) -> None:
    """See that axe finds nothing and that a phone shows the page without scrolling sideways."""
    page.evaluate((node_modules / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [described(each) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], widest(page)


def test_who_registers_is_asked_for_what_a_plugin_wants_to_know(
    walked: WalkedSite, walk: OpenPage, node_modules: Path
) -> None:
    with installed(walked) as admin:
        page = walk(viewport=PHONE)
        open_when_asked(page, "/register", "As it is printed below your picture.")
        page.get_by_label("Login name").fill("kalpana")
        page.get_by_label("Name", exact=True).fill("Kalpana Chawla")
        page.get_by_label("E-mail").fill(address_of("kalpana"))
        for badge, fault in (
            ("", "Badge: This field is required."),
            ("17", "Badge: A letter, a dash and four digits."),
            ("V-0017", "Badge: This badge is for visitors."),
        ):
            page.get_by_label("Badge").fill(badge)
            page.get_by_label("Password", exact=True).fill("over-the-moon")
            page.get_by_label("Password once more").fill("over-the-moon")
            page.get_by_role("button", name="Make the account").click()
            expect(page.get_by_role("alert")).to_contain_text(fault)
            expect(page.get_by_label("Name", exact=True)).to_have_value("Kalpana Chawla")
            expect(page.get_by_label("Badge")).to_have_value(badge)
        assert_accessible(page, node_modules)

        page.get_by_label("Badge").fill("B-0017")
        page.get_by_label("First day").fill("2026-12-01T09:00")
        page.get_by_label("Password", exact=True).fill("over-the-moon")
        page.get_by_label("Password once more").fill("over-the-moon")
        page.get_by_role("button", name="Make the account").click()
        expect_page(page, "/register/sent", "Look into your mail")
        listed = admin.get("/admin/users/?f.badge.contains=B-00").text
        assert "kalpana" in listed
        assert "B-0017" in listed
