"""Handlers put in order with the mouse, by the keyboard alone and without JavaScript (WCAG 2.1.1)."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from portal.config import ROOT
from tests.browser.conftest import OpenPage
from tests.browser.sites import PORTAL, LiveSite, copied_site, running_site
from tests.fixtures.plugins import write_plugin

pytestmark = pytest.mark.browser

NAMES = ("one", "two", "three", "four")
HOOK = "site_admin_option_hook"
PAGE = f"/admin/hooks/{HOOK}/order"


@pytest.fixture(scope="module")
def site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A running site with a plugin that answers one hook four times."""
    plugins = tmp_path_factory.mktemp("plugins")
    methods = "\n".join(f"def {name}(self):\n    return None" for name in NAMES)
    write_plugin(plugins, "many", methods=methods, events={HOOK: list(NAMES)})
    environ = copied_site(demo_template, tmp_path_factory.mktemp("site"))
    environ |= {"PORTAL_PLUGIN_PATH": str(plugins)}
    for verb in ("register", "enable"):
        words = [*PORTAL, "plugin", verb, "many"]
        subprocess.run(words, env=environ, cwd=ROOT, check=True, capture_output=True)
    with running_site(environ) as running:
        yield running


def shown(page: Page) -> list[str]:
    """Return the plugin's handlers from top to bottom."""
    rows = page.locator("tr[data-handler] td.mono").all_inner_texts()
    return [name for name in rows if name in NAMES]


def row(page: Page, name: str) -> Locator:
    """Return the row of a handler."""
    return page.locator(f'tr[data-label="many:{name}"]')


def expect_order(page: Page, *names: str) -> None:
    """Wait until the page shows this order, and see that it is the stored one."""
    expect(page.locator("tr[data-label^='many:'] td.mono")).to_have_text(list(names))
    page.goto(PAGE)
    assert shown(page) == list(names)


def test_a_row_is_dragged_to_its_new_place_and_the_move_is_told(
    site: LiveSite, open_page: OpenPage
) -> None:
    """The grip is there with JavaScript; the order is saved at once and announced to screen readers."""
    page = open_page(site, "admin")
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.goto(PAGE)
    before = shown(page)
    last, first = before[-1], before[0]
    grip = row(page, last).locator("[data-grip]")
    grip.hover()
    page.mouse.down()
    target = row(page, first).bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 20, target["y"] + target["height"] / 2, steps=8)
    page.mouse.up()
    says = page.locator("[data-order-says]")
    expect(says).to_contain_text(f"many:{last} is at place")
    expect(says).to_contain_text("are in the new order")
    assert noise == []
    expect_order(page, last, *before[:-1])


def test_escape_ends_a_drag_and_nothing_is_changed(site: LiveSite, open_page: OpenPage) -> None:
    page = open_page(site, "admin")
    page.goto(PAGE)
    before = shown(page)
    row(page, before[0]).locator("[data-grip]").hover()
    page.mouse.down()
    target = row(page, before[2]).bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 20, target["y"] + target["height"] / 2, steps=8)
    assert shown(page) != before
    page.keyboard.press("Escape")
    page.mouse.up()
    assert shown(page) == before
    expect_order(page, *before)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_button_pressed_by_keyboard_brings_the_focus_back_to_the_moved_row(
    site: LiveSite, new_context: Callable[..., BrowserContext], scripts: bool
) -> None:
    """With and without JavaScript: the fragment of the answer names the row."""
    page = new_context(site, "admin", java_script_enabled=scripts).new_page()
    page.goto(PAGE)
    before = shown(page)
    moved = before[1]
    button = page.get_by_role("button", name=f"Move many:{moved} up", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"many:{moved} moved up.")
    expect(row(page, moved)).to_be_focused()
    assert row(page, moved).locator("[data-grip]").is_visible() == scripts
    expect_order(page, moved, before[0], *before[2:])
