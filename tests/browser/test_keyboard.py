"""The page of switches without a mouse (issue 2, Face; WCAG 2.1.1, 2.4.1)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.keyboard import MOST_KEYS, focused, press_until
from tests.browser.sites import LiveSite

pytestmark = pytest.mark.browser

SWITCHES = "/groups/mercury/admin/plugins"
REACHABLE = "a[href], button, summary, select, textarea, input:not([type=hidden])"


def test_the_first_key_offers_the_way_past_the_navigation(
    live_site: LiveSite, open_page: OpenPage
) -> None:
    page = open_page(live_site, "alice")
    page.goto(SWITCHES)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('content').contains(document.activeElement)")


def test_every_action_is_reached_by_the_keyboard_and_shows_that_it_is(
    live_site: LiveSite, open_page: OpenPage
) -> None:
    page = open_page(live_site, "alice")
    page.goto(SWITCHES)
    wanted = {
        each.evaluate("each => each.outerHTML")
        for each in page.locator(REACHABLE).all()
        if each.is_visible() and each.is_enabled()
    }
    reached: set[str] = set()
    for _ in range(MOST_KEYS):
        page.keyboard.press("Tab")
        if not focused(page):
            break
        reached.add(focused(page))
        assert page.evaluate(
            """() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" || style.boxShadow !== "none";
            }"""
        ), focused(page)
    assert wanted <= reached
    assert any('role="switch"' in each for each in reached)


def test_a_plugin_is_switched_on_by_the_keyboard_alone(
    live_site: LiveSite, open_page: OpenPage
) -> None:
    page = open_page(live_site, "alice")
    page.goto(SWITCHES)
    press_until(page, 'id="use_helloworld"')
    page.keyboard.press("Space")
    press_until(page, "Save changes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("plugins were saved")
    press_until(page, 'href="/plugins/helloworld/g/mercury/"')
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello")
