"""The main job end to end, in a real browser on a real site (issue 2, "It must show")."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.demoaccounts import DEMO_PASSWORD
from tests.browser.conftest import OpenPage
from tests.browser.sites import LiveSite
from tests.browser.visitors import Visitor

pytestmark = pytest.mark.browser

GREETINGS_OF_MERCURY = "/plugins/helloworld/g/mercury/"
STYLE_SHEET = "/plugins/helloworld/static/hello.css"


def log_in(page: Page, user_name: str) -> None:
    """Log in through the form, from the front page."""
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Log in").click()
    page.get_by_label("Login name").fill(user_name)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My page")


def switch(page: Page, *, on: bool) -> None:
    """Move the plugin's switch on the page and save."""
    page.get_by_role("switch", name="Hello World").set_checked(on)
    page.get_by_role("button", name="Save").filter(has_not_text="settings").click()
    expect(page.get_by_role("status")).to_contain_text("plugins were saved.")


def group_tabs(page: Page) -> list[str]:
    """Return the titles of the group's tabs."""
    return (
        page.get_by_role("navigation", name="Group", exact=True)
        .get_by_role("link")
        .all_inner_texts()
    )


def test_a_group_admin_switches_a_plugin_on_uses_it_and_switches_it_off(
    any_site: LiveSite, open_page: OpenPage
) -> None:
    """Issue 2: alice switches helloworld on for mercury: its tab appears and works; off: gone, 404."""
    page = open_page(any_site)
    log_in(page, "alice")
    page.goto("/groups/mercury/")
    assert "Hello" not in group_tabs(page)

    page.get_by_role("link", name="Admin", exact=True).click()
    page.get_by_role("link", name="Plugins").click()
    switch(page, on=True)
    page.get_by_role("navigation", name="Group", exact=True).get_by_role(
        "link", name="Hello"
    ).click()
    expect(page).to_have_url(any_site.url + GREETINGS_OF_MERCURY)
    page.get_by_label("Your greeting").fill("Good morning, stations!")
    page.get_by_role("button", name="Greet").click()
    expect(page.get_by_role("listitem").filter(has_text="Good morning, stations!")).to_be_visible()
    page.goto("/groups/mercury/")
    expect(page.get_by_role("blockquote")).to_contain_text("Good morning, stations!")

    page.goto("/groups/mercury/admin/plugins")
    switch(page, on=False)
    page.goto("/groups/mercury/")
    assert "Hello" not in group_tabs(page)
    expect(page.get_by_text("Good morning, stations!")).to_have_count(0)
    assert page.goto(GREETINGS_OF_MERCURY).status == 404

    page.goto("/groups/mercury/admin/plugins")
    switch(page, on=True)
    page.goto(GREETINGS_OF_MERCURY)
    greeting = page.get_by_role("listitem").filter(has_text="Good morning, stations!")
    greeting.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The greeting was deleted.")).to_be_visible()
    assert any_site.failures() == []


def test_a_member_sees_no_switch_and_is_refused(live_site: LiveSite, open_page: OpenPage) -> None:
    """Issue 2: bob sees no toggle."""
    page = open_page(live_site, "bob")
    page.goto("/groups/mercury/")
    assert "Admin" not in group_tabs(page)
    expect(page.get_by_role("switch")).to_have_count(0)
    answer = page.goto("/groups/mercury/admin/plugins")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("switch")).to_have_count(0)
    bob = Visitor(live_site.url, "bob")
    fields = {"shown": "helloworld", "use_helloworld": "1"}
    sent = bob.send("/groups/mercury/admin/plugins", fields, form_at="/my/")
    assert sent.status == 403
    assert bob.get(GREETINGS_OF_MERCURY).status == 404


def test_a_private_group_does_not_exist_for_an_outsider(
    live_site: LiveSite, open_page: OpenPage
) -> None:
    """Issue 2, Pages: private groups are 404 to outsiders."""
    page = open_page(live_site, "carol")
    for path in ("", "members", "admin/", "admin/plugins"):
        answer = page.goto(f"/groups/gemini/{path}")
        assert answer is not None
        assert answer.status == 404, path
    page.goto("/groups/")
    expect(page.get_by_text("Gemini")).to_have_count(0)


def test_a_site_admin_follows_the_plugins_link(live_site: LiveSite, open_page: OpenPage) -> None:
    """Issue 2: a site admin follows a plugin's link from the site admin page."""
    page = open_page(live_site, "admin")
    page.goto("/admin/")
    page.get_by_role("main").get_by_role("link", name="Hello World").click()
    expect(page).to_have_url(f"{live_site.url}/plugins/helloworld/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello World")


def test_a_person_switches_a_plugin_on_for_themselves(
    any_site: LiveSite, open_page: OpenPage
) -> None:
    """Issue 2, Pages: My settings with plugin toggles; the user tab appears and vanishes."""
    page = open_page(any_site, "alice")
    tab = page.get_by_role("navigation", name="Your pages").get_by_role("link", name="Hello")
    page.goto("/my/settings")
    expect(tab).to_have_count(0)
    switch(page, on=True)
    tab.click()
    expect(page).to_have_url(f"{any_site.url}/plugins/helloworld/u/alice/")
    page.goto("/my/settings")
    switch(page, on=False)
    expect(tab).to_have_count(0)
    answer = page.goto("/plugins/helloworld/u/alice/")
    assert answer is not None
    assert answer.status == 404


def test_disabling_on_the_site_reaches_every_worker_and_keeps_the_choices(
    any_site: LiveSite, open_page: OpenPage
) -> None:
    """Issue 2: gone everywhere within 2 seconds in both workers, choices kept, back when enabled."""
    alice, stranger = Visitor(any_site.url, "alice"), Visitor(any_site.url)
    alice.switch_for_group("mercury", on=True)
    page = open_page(any_site, "admin")

    press(page, "Disable")
    require_both_workers(any_site, page)
    for _ in range(10):
        assert "/plugins/helloworld/" not in stranger.get("/groups/apollo/").text
        assert stranger.get("/plugins/helloworld/g/apollo/").status == 404
        assert stranger.get(STYLE_SHEET).status == 404
    assert "use_helloworld" not in alice.get("/groups/mercury/admin/plugins").text
    page.goto("/admin/")
    expect(page.get_by_role("main").get_by_role("link", name="Hello World")).to_have_count(0)

    press(page, "Enable")
    require_both_workers(any_site, page)
    for _ in range(10):
        for group in ("apollo", "mercury"):
            assert f"/plugins/helloworld/g/{group}/" in stranger.get(f"/groups/{group}/").text
            assert stranger.get(f"/plugins/helloworld/g/{group}/").status == 200
        assert stranger.get(STYLE_SHEET).status == 200
    assert any_site.failures() == []


def press(page: Page, verb: str) -> None:
    """Press a button of the plugin list; the very next pages, from whichever worker, are not old."""
    page.goto("/admin/plugins/")
    page.get_by_role("button", name=verb).click()
    expect(page.get_by_role("status")).to_contain_text(verb.lower())
    for _ in range(6):
        page.goto("/groups/apollo/")
        assert ("Hello" in group_tabs(page)) == (verb == "Enable")


def require_both_workers(site: LiveSite, page: Page) -> None:
    """Check that each of the two workers went over soon after the admin's click.

    The two seconds of design 1.5 are measured where little else runs: in test_swap and, in full, among
    the slow tests of test_live_installs.
    """
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    generation = int(cookies["portal_generation"])
    until = time.monotonic() + 10
    while len(site.takeovers(generation)) < 2 and time.monotonic() < until:
        in_parallel(4, lambda: Visitor(site.url).get("/healthz"))
    made, *followed = sorted(site.takeovers(generation))
    assert len(followed) == 1, followed
    assert (followed[0] - made).total_seconds() < 6


def in_parallel(count: int, call: Callable[[], object]) -> None:
    """Make so many calls at once, so that more than one worker has to answer."""
    with ThreadPoolExecutor(count) as pool:
        for each in [pool.submit(call) for _ in range(count)]:
            each.result()
