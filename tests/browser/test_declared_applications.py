"""A plugin of two YAML files in a real browser, without JavaScript: make, filter, sort, page, edit, drop."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.demoaccounts import DEMO_PASSWORD
from portal.config import ROOT
from tests.browser.conftest import OpenPage
from tests.browser.visitors import Visitor
from tests.browser.walking import WalkedSite, expect_told, main
from tests.fixtures.plugins import pack

pytestmark = pytest.mark.browser

BOOKS = ROOT / "docs" / "plugins" / "examples" / "books"
LIST = "/plugins/books/g/{}/t/book/"


def install(walked: WalkedSite, plugin: Path) -> Visitor:
    """Upload a plugin's archive as a site admin, install and enable it; return the site admin."""
    admin = Visitor(walked.url, "admin")
    admin.send("/my/confirm-password", {"password": DEMO_PASSWORD}, form_at="/my/confirm-password")
    place = admin.upload("/admin/plugin-install", "plugin.zip", pack(plugin)).headers["Location"]
    answer = admin.send(place, {"do": "install", "enable": "y"}, form_at=place)
    assert answer.status == 303, answer.text
    return admin


def add_book(page: Page, title: str, **fields: str) -> None:
    """Fill in and send the form of a new book from the list on."""
    main(page).get_by_role("link", name="New book").first.click()
    page.get_by_label("Title").fill(title)
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Add").click()


def fill_shelf(librarian: Visitor, numbers: range) -> None:
    """Send the form of each of these volumes."""
    form = f"{LIST.format('stacks')}new"
    for number in numbers:
        fields = {"field_title": f"Volume {number:02}", "field_pages": str(100 + number)}
        fields |= {"field_author": "Anon", "field_state": "wanted"}
        assert librarian.send(form, fields, form_at=form).status == 303


def titles(page: Page) -> list[str]:
    """Return what the list's first column says."""
    return main(page).locator("tbody tr td:first-child").all_inner_texts()


def test_a_group_keeps_its_books_without_any_script(walked: WalkedSite, walk: OpenPage) -> None:
    for name in ("librarian", "borrower"):
        walked.add_person(name)
    walked.add_group("stacks", "librarian", "borrower")
    librarian = Visitor(walked.url, "librarian")
    librarian.follow(install(walked, BOOKS))
    librarian.switch_for_group("stacks", on=True, handle="books")
    page = walk("librarian", java_script_enabled=False)
    page.context.add_cookies(
        [
            {"name": each.name, "value": each.value or "", "url": walked.url}
            for each in librarian.cookies
        ]
    )
    page.goto("/groups/stacks/")
    page.get_by_role("link", name="Books", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Books")
    expect(main(page)).to_contain_text("Nothing here yet")

    add_book(page, "", Pages="0")
    expect(page.get_by_role("alert")).to_contain_text("Title: This field is required.")
    expect(page.get_by_role("alert")).to_contain_text("Pages: At least 1 belongs here.")
    page.get_by_label("Title").fill("Moon Lander")
    page.get_by_label("Pages").fill("272")
    page.get_by_role("button", name="Add").click()
    expect_told(page, "Added.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Moon Lander")
    page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Books").click()
    add_book(page, "Volume 26", Pages="126", Author="Anon")
    fill_shelf(librarian, range(1, 26))
    page.goto(LIST.format("stacks"))

    assert titles(page)[0] == "Moon Lander"
    page.get_by_role("link", name="Next").click()
    assert titles(page) == ["Volume 25", "Volume 26"]
    page.get_by_role("link", name="First").click()
    main(page).get_by_role("link", name="Pages", exact=True).click()
    main(page).get_by_role("link", name="Pages", exact=True).click()
    assert titles(page)[:2] == ["Moon Lander", "Volume 26"]
    main(page).get_by_text("Filter", exact=True).click()
    page.get_by_label("Pages from").fill("125")
    page.get_by_label("Author").fill("anon")
    page.get_by_role("button", name="Apply").click()
    assert titles(page) == ["Volume 26", "Volume 25"]

    page.get_by_role("link", name="Volume 25").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Title").fill("Volume the Last")
    page.get_by_label("State").select_option("there")
    page.get_by_role("button", name="Save").click()
    expect_told(page, "Saved.")
    expect(main(page)).to_contain_text("there")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “Volume the Last”?")
    page.get_by_role("button", name="Delete").click()
    expect_told(page, "“Volume the Last” was deleted.")

    borrower = walk("borrower", java_script_enabled=False)
    borrower.goto(LIST.format("stacks"))
    assert len(titles(borrower)) == 25
    expect(borrower.get_by_role("link", name="New book")).to_have_count(0)
