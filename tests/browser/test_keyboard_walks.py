"""Whole walks without a mouse: Tab, Enter, Space and typing alone (WCAG 2.1.1)."""

import pytest
from playwright.sync_api import expect

from portal.accounts.demoaccounts import DEMO_PASSWORD
from tests.browser.conftest import OpenPage
from tests.browser.keyboard import press, press_until, type_into
from tests.browser.walking import WalkedSite, expect_page, expect_told, main

pytestmark = pytest.mark.browser


def test_somebody_logs_in_and_changes_their_settings_by_the_keyboard(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("svetlana")
    page = walk()
    page.goto("/")
    press(page, 'href="/login"')
    expect_page(page, "/login", "Log in to Portal")
    type_into(page, "user_name", "svetlana")
    type_into(page, "password", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect_page(page, "/my/", "My page")

    press(page, "<summary")
    press(page, 'href="/my/settings"')
    expect_page(page, "/my/settings", "My settings")
    type_into(page, "real_name", "Svetlana Savitskaya")
    press_until(page, 'name="theme"')
    page.keyboard.type("Dark")
    press(page, "Save settings")
    expect_told(page, "Your settings were saved.")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Svetlana Savitskaya")


def test_a_group_is_registered_by_the_keyboard(walked: WalkedSite, walk: OpenPage) -> None:
    walked.add_person("sergei")
    page = walk("sergei")
    page.goto("/my/")
    press(page, 'href="/groups/new"')
    expect_page(page, "/groups/new", "Register a group")
    type_into(page, "full_name", "Reusable Ships")
    type_into(page, "name", "No Good Name")
    type_into(page, "purpose", "To fly there more than once.")
    type_into(page, "description", "Ships that come back and leave again.")
    press(page, 'name="is_public"', "Space")
    press(page, "Register the group")
    expect(page.get_by_role("alert")).to_contain_text("Name in addresses")

    press(page, 'href="#name"')
    expect(page.get_by_label("Name in addresses")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("ships")
    expect(page.get_by_label("Everybody may see this group")).not_to_be_checked()
    press(page, "Register the group")
    expect_page(page, "/my/", "My page")
    expect_told(page, "The group Reusable Ships awaits approval.")


def test_a_request_to_join_is_answered_by_the_keyboard(walked: WalkedSite, walk: OpenPage) -> None:
    walked.add_person("pavel")
    asking = walked.add_person("vladimir")
    walked.add_group("soyuz", "pavel")
    visitor = walk("vladimir")
    visitor.goto("/groups/soyuz/join")
    type_into(visitor, "comment", "I can dock by hand.")
    press(visitor, "Send request")
    expect_told(visitor, "Your request is on its way.")

    page = walk("pavel")
    page.goto("/my/")
    press(page, 'href="/groups/soyuz/admin/members"')
    expect_page(page, "/groups/soyuz/admin/members", "Members")
    press(page, 'href="/groups/soyuz/admin/requests/vladimir/"')
    expect_page(page, "/groups/soyuz/admin/requests/vladimir/", f"Request of {asking}")
    press_until(page, 'id="accept-role"')
    page.keyboard.type("Developer")
    press(page, ">Accept<")
    expect_page(page, "/groups/soyuz/admin/members", "Members")
    expect_told(page, f"{asking} is now a member.")
    expect(main(page).locator(".row-item", has_text="vladimir")).to_contain_text("Developer")
