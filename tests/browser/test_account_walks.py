"""Accounts in a real browser: register, confirm, log in, lose the password, sessions (forge 4.1, 4.2)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.walking import WalkedSite, address_of, expect_page, expect_told, log_in, main

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def test_somebody_registers_confirms_by_the_mailed_link_and_logs_in_on_a_phone(
    walked: WalkedSite, walk: OpenPage
) -> None:
    page = walk(viewport=PHONE)
    page.goto("/")
    main(page).get_by_role("link", name="Make an account").click()
    expect_page(page, "/register", "Make an account at Portal")
    page.get_by_label("Login name").fill("sally")
    page.get_by_label("Name", exact=True).fill("Sally Ride")
    page.get_by_label("E-mail").fill(address_of("sally"))
    page.get_by_label("Password", exact=True).fill("over-the-moon")
    page.get_by_label("Password once more").fill("over-the-sun")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("alert")).to_contain_text("The two new passwords differ.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Sally Ride")
    page.get_by_label("Password", exact=True).fill("over-the-moon")
    page.get_by_label("Password once more").fill("over-the-moon")
    page.get_by_role("button", name="Make the account").click()
    expect_page(page, "/register/sent", "Look into your mail")

    page.goto("/login")
    log_in(page, "sally", "over-the-moon")
    expect(page.get_by_role("alert")).to_be_visible()
    link = walked.post.link(address_of("sally"), "Confirm your account", "/register/confirm/")
    page.goto(link)
    expect_page(page, link, "Confirm your account")
    page.get_by_label("Login name").fill("sally")
    page.get_by_label("Password", exact=True).fill("over-the-moon")
    page.get_by_role("button", name="Confirm and log in").click()
    expect_page(page, "/register/welcome", "Welcome, Sally Ride")
    expect_told(page, "Your account is confirmed, and you are logged in.")

    page.locator("summary").filter(has_text="sally").click()
    page.get_by_role("button", name="Log out").click()
    expect_told(page, "You are logged out.")
    page.goto(link)
    expect_page(page, link, "This link is not good")
    page.goto("/my/")
    log_in(page, "sally", "over-the-moon")
    expect_page(page, "/my/", "My page")
    expect(page.get_by_text("You belong to no group yet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_somebody_who_lost_the_password_sets_a_new_one_without_javascript(
    walked: WalkedSite, walk: OpenPage
) -> None:
    walked.add_person("valentina")
    page = walk(java_script_enabled=False)
    page.goto("/login")
    page.get_by_role("link", name="Lost your password?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lost your password?")
    page.get_by_label("Login name or e-mail").fill(address_of("valentina"))
    page.get_by_role("button", name="Mail me the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")

    link = walked.post.link(address_of("valentina"), "A new password", "/password/reset/")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set a new password")
    page.get_by_label("New password", exact=True).fill("seagull-calling")
    page.get_by_label("New password once more").fill("seagull-calling")
    page.get_by_role("button", name="Set password").click()
    expect(page).to_have_url(f"{walked.url}/login")
    expect_told(page, "Your password was changed. Log in with the new one.")
    log_in(page, "valentina")
    expect(page.get_by_role("alert")).to_be_visible()
    log_in(page, "valentina", "seagull-calling")
    expect(page).to_have_url(f"{walked.url}/my/")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is not good")


def test_somebody_ends_the_session_of_another_browser(walked: WalkedSite, walk: OpenPage) -> None:
    walked.add_person("mae")
    here, there = walk(), walk(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0")
    for page in (here, there):
        page.goto("/my/")
        log_in(page, "mae")
        expect_page(page, "/my/", "My page")
    here.goto("/my/settings")
    main(here).get_by_role("link", name="My sessions").click()
    expect_page(here, "/my/sessions", "My sessions")
    rows = main(here).locator(".row-item")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="This session").get_by_role("button")).to_have_count(0)
    rows.filter(has_text="Firefox").get_by_role("button", name="End").click()
    expect_told(here, "The session was ended.")
    expect(rows).to_have_count(1)

    there.get_by_role("link", name="Register a group").click()
    expect_page(there, "/login", "Log in to Portal")
    here.reload()
    expect_page(here, "/my/sessions", "My sessions")


def test_a_site_admin_suspends_activates_and_deletes_a_person(
    walked: WalkedSite, walk: OpenPage
) -> None:
    real_name = walked.add_person("yuri")
    theirs, admins = walk("yuri"), walk("admin")
    theirs.goto("/my/")
    expect_page(theirs, "/my/", "My page")

    admins.goto("/admin/users/?q=yuri")
    main(admins).get_by_role("link", name="yuri", exact=True).click()
    expect_page(admins, "/admin/users/yuri/", real_name)
    main(admins).get_by_role("button", name="Suspend").click()
    expect_told(admins, "The account is suspended.")
    theirs.get_by_role("link", name="Register a group").click()
    expect_page(theirs, "/login", "Log in to Portal")
    log_in(theirs, "yuri")
    expect(theirs.get_by_role("alert")).to_be_visible()

    main(admins).get_by_role("button", name="Activate").click()
    expect_told(admins, "The account is active.")
    log_in(theirs, "yuri")
    expect_page(theirs, "/groups/new", "Register a group")

    main(admins).get_by_role("link", name="Delete…").click()
    expect_page(admins, "/admin/users/yuri/delete", f"Delete {real_name}?")
    admins.get_by_role("button", name="Delete the account").click()
    expect(admins.get_by_role("alert")).to_contain_text("Yes, delete this account for good")
    admins.get_by_label("Yes, delete this account for good").check()
    admins.get_by_role("button", name="Delete the account").click()
    expect_told(admins, "The account is deleted.")
    theirs.goto("/my/")
    expect_page(theirs, "/login", "Log in to Portal")
    assert (answer := theirs.goto("/users/yuri/")) is not None
    assert answer.status == 404
