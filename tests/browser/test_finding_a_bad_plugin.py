"""The plugin that spoils a page is found on a phone by the keyboard alone, and without JavaScript."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from portal.config import Settings
from tests.browser.conftest import OpenPage
from tests.browser.keyboard import press, press_until
from tests.browser.sites import LiveSite, copied_site, running_site
from tests.browser.test_pages import NARROW, described, widest
from tests.fixtures.plugins import PluginSite, write_plugin

pytestmark = pytest.mark.browser

NAMES = ("fine", "nice", "ugly", "quiet")
SAYS = """
    def says(self):
        from markupsafe import Markup
        return Markup("<p>This is {name}.</p>")
"""
PAGE = "/groups/apollo/"


@pytest.fixture(scope="module")
def site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """A running site with four plugins that say something on every page."""
    plugins = tmp_path_factory.mktemp("plugins")
    environ = copied_site(demo_template, tmp_path_factory.mktemp("site"))
    environ |= {"PORTAL_PLUGIN_PATH": str(plugins)}
    for name in NAMES:
        write_plugin(plugins, name, methods=SAYS.format(name=name), events={"message": ["says"]})
    made = PluginSite(Settings.load(environ))
    made.enable(*NAMES)
    made.runtime.close()
    with running_site(environ) as running:
        yield running


def is_wrong(page: Page) -> bool:
    """Tell whether the page has what nobody wants there."""
    return page.get_by_text("This is ugly.").count() > 0


def follow(page: Page, part: str, key: str = "Enter") -> None:
    """Go forward to an element and press a key that leads to another page."""
    press_until(page, part)
    with page.expect_navigation():
        page.keyboard.press(key)


def expect_good(page: Page) -> None:
    """No violation of axe's rules, and nothing that sticks out at 360 pixels."""
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [described(each) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], widest(page)


def test_the_search_on_a_phone_by_keyboard(
    site: LiveSite, open_page: OpenPage, node_modules: Path
) -> None:
    """From the foot of the page to the culprit's name; every step passes axe."""
    page = open_page(site, "admin", viewport=NARROW)
    page.context.add_init_script(path=node_modules / "axe-core" / "axe.min.js")
    page.goto(PAGE)
    press(page, "Plugins on this page")
    expect_good(page)
    follow(page, "plugin-bisect?path=")
    assert page.get_by_label("Address of the page").input_value() == PAGE
    page.get_by_label("It looks or behaves wrong").check()
    follow(page, ">Begin<")
    for _turn in range(6):
        if page.url.endswith("/admin/plugin-bisect"):
            break
        expect_good(page)
        press(page, "#plugin-bisect")
        follow(page, 'value="wrong"' if is_wrong(page) else 'value="fine"', "Space")
    assert page.get_by_text("It is the plugin Ugly.").is_visible()
    expect_good(page)
    follow(page, "Look at the page without it")
    assert page.url.endswith(PAGE)
    assert not is_wrong(page)
    assert page.get_by_text("Hidden from this browser: Ugly").is_visible()
    expect_good(page)


def test_the_search_and_safe_mode_without_javascript(site: LiveSite, open_page: OpenPage) -> None:
    """Every step is a form; another person's page stays as it is meanwhile."""
    page = open_page(site, "admin", java_script_enabled=False)
    other = open_page(site, "alice")
    page.goto(f"/admin/plugin-bisect?path={PAGE}")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Yes, it is wrong").click()
    assert page.get_by_text("Step 1 of at most").is_visible()
    other.goto(PAGE)
    assert all(other.get_by_text(f"This is {name}.").is_visible() for name in NAMES)
    page.get_by_role("button", name="Give up").click()
    page.goto("/admin/safe-mode")
    page.get_by_role("button", name="See the site without plugins").click()
    page.goto(PAGE)
    assert not any(page.get_by_text(f"This is {name}.").count() for name in NAMES)
    page.get_by_role("button", name="Leave safe mode").click()
    assert page.get_by_text("This is ugly.").is_visible()
