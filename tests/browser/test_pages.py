"""Every page as a browser and its user meet it: valid, accessible, narrow, quiet, at home."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.busy import BusySite
from tests.browser.conftest import PATIENCE_MS
from tests.browser.mailing import mailing_site
from tests.browser.pages import PAGES, Seen
from tests.browser.sites import LiveSite
from tests.browser.visitors import Answer
from tests.fixtures.mail import Mailbox

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKS = (("light", WIDE), ("dark", NARROW))

#: A form may send a name more than once; html-validate knows that of check boxes, not of hidden fields.
LISTS_IN_HIDDEN_FIELDS = (
    'Duplicate form control name "group_id"',
    'Duplicate form control name "shown"',  # the plugins whose switches stand on the page
)

each_page = pytest.mark.parametrize("seen", PAGES, ids=str)


@pytest.fixture(scope="module")
def busy_site(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusySite]:
    """A site with something to show on every page."""
    mailbox = Mailbox()
    with mailing_site(demo_template, tmp_path_factory.mktemp("busy"), mailbox) as site:
        yield BusySite(site, mailbox)


@pytest.fixture(scope="module")
def answers(busy_site: BusySite) -> dict[Seen, Answer]:
    """The pages as the server sends them."""
    return {seen: _answer(busy_site, seen) for seen in PAGES}


def _answer(busy_site: BusySite, seen: Seen) -> Answer:
    visitor, path = busy_site.people[seen.user_name], busy_site.path(seen.path)
    return visitor.send(path, {}, form_at=path) if seen.button else visitor.get(path)


@pytest.fixture(scope="module")
def windows(
    busy_site: BusySite, chromium: Browser, node_modules: Path
) -> Iterator[dict[str, Page]]:
    """A window for each person, with the checker in every page: opening them costs as much as looking."""
    windows: dict[str, Page] = {}
    for name, visitor in busy_site.people.items():
        context = chromium.new_context(base_url=busy_site.url)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies(
            [
                {"name": cookie.name, "value": str(cookie.value), "url": busy_site.url}
                for cookie in visitor.cookies
            ]
        )
        context.add_init_script(path=node_modules / "axe-core" / "axe.min.js")
        windows[name] = context.new_page()
    yield windows
    for page in windows.values():
        page.context.close()


@each_page
def test_page_is_accessible_fits_a_phone_and_is_quiet(
    busy_site: BusySite, windows: dict[str, Page], seen: Seen
) -> None:
    """One visit, two looks: light and wide, dark and narrow.

    Zero axe violations, best practices included; no sideways scrolling at 360 pixels, no complaint in the
    console, no request to another host.
    """
    page = windows[seen.user_name]
    page.set_viewport_size(WIDE)
    with listening(page) as (noise, hosts):
        answer = page.goto(busy_site.path(seen.path))
        if seen.button:
            with page.expect_navigation() as sent:
                page.get_by_role("button", name=seen.button, exact=True).click()
            answer = sent.value
        assert answer is not None
        assert answer.status == seen.status
        for scheme, size in LOOKS:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            assert [described(each) for each in found] == [], f"{scheme}, {size['width']} pixels"
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW["width"], widest(page)
    if seen.status >= 400:  # chromium notes the status of the page itself
        noise = [line for line in noise if f"status of {seen.status}" not in line]
    assert noise == []
    assert hosts == {urlsplit(busy_site.url).netloc}


@contextmanager
def listening(page: Page) -> Iterator[tuple[list[str], set[str]]]:
    """Collect what the console says and which hosts are asked, inside the block."""
    noise: list[str] = []
    hosts: set[str] = set()
    listeners: dict[str, Callable[[Any], object]] = {
        "console": lambda message: noise.append(message.text),
        "pageerror": lambda error: noise.append(str(error)),
        "request": lambda request: hosts.add(urlsplit(request.url).netloc),
        "response": lambda answer: noise.append(answer.url) if answer.status >= 500 else None,
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload]
    try:
        yield noise, hosts
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)


def described(violation: dict[str, Any]) -> str:
    """Return a violation in a line: the rule, and the elements that break it."""
    places = "; ".join(
        node["html"] + " " + node.get("failureSummary", "") for node in violation["nodes"][:3]
    )
    return f"{violation['id']}: {violation['help']}: {places}"


def widest(page: Page) -> list[str]:
    """Return the elements that stick out, for the failure's text."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > window.innerWidth)
        .map(each => each.outerHTML.slice(0, 120))"""
    )
    return found


def test_pages_are_valid_html(
    answers: dict[Seen, Answer], node_modules: Path, tmp_path: Path
) -> None:
    """By html-validate (content models, attributes, ids, ARIA) and by html5lib's strict parser."""
    for number, (seen, answer) in enumerate(answers.items()):
        assert answer.status == seen.status, seen
        (tmp_path / f"{number}.html").write_text(answer.text)
        html5lib.HTMLParser(strict=True).parse(answer.text)
    report = tmp_path / "report.json"
    done = subprocess.run(
        [
            node_modules / ".bin" / "html-validate",
            f"--config={Path(__file__).parent / 'htmlvalidate.json'}",
            f"--formatter=json={report}",
            *sorted(tmp_path.glob("*.html")),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert report.exists(), done.stderr
    pages = list(answers)
    faults = [
        f"{pages[int(Path(result['filePath']).stem)]}, line {fault['line']}: {fault['ruleId']}: "
        f"{fault['message']}"
        for result in json.loads(report.read_text())
        for fault in result["messages"]
        if fault["message"] not in LISTS_IN_HIDDEN_FIELDS
    ]
    assert faults == []


def test_pages_carry_no_script_and_no_style_that_the_policy_does_not_name(
    answers: dict[Seen, Answer],
) -> None:
    """Inline text only through the core, which puts its hash into the answer's policy."""
    for seen, answer in answers.items():
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "nonce" not in policy
        for element in html5lib.parse(answer.text, namespaceHTMLElements=False).iter():
            attributes = {str(name) for name in element.attrib}
            assert "style" not in attributes, f"{seen}: {element.attrib}"
            assert not {name for name in attributes if name.startswith("on")}, seen
            if element.tag == "style" or (element.tag == "script" and "src" not in attributes):
                digest = b64encode(sha256(str(element.text).encode()).digest()).decode()
                assert f"'sha256-{digest}'" in policy, f"{seen}: <{element.tag}>"


def test_the_site_works_without_javascript(
    live_site: LiveSite, new_context: Callable[..., BrowserContext]
) -> None:
    """Style: pages work without JavaScript: log in, switch a plugin, leave a greeting, log out."""
    page = new_context(live_site, java_script_enabled=False).new_page()
    page.goto("/groups/mercury/admin/plugins")
    page.get_by_label("Login name").fill("alice")
    page.get_by_label("Password").fill("portal-demo")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    assert page.url.endswith("/groups/mercury/admin/plugins")
    page.get_by_role("switch", name="Hello World").check()
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("link", name="Hello", exact=True).click()
    page.get_by_label("Your greeting").fill("No script was needed.")
    page.get_by_role("button", name="Greet").click()
    assert page.get_by_text("No script was needed.").is_visible()
    page.get_by_role("button", name="Delete").click()
    page.locator("summary").filter(has_text="alice").click()
    page.get_by_role("button", name="Log out").click()
    assert page.get_by_text("You are logged out.").is_visible()
