"""Every page as a browser and its user meet it: valid, accessible, narrow, quiet, at home."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from playwright.sync_api import BrowserContext, Page, Response

from tests.browser.conftest import OpenPage
from tests.browser.pages import PAGES, Seen
from tests.browser.sites import LiveSite
from tests.browser.visitors import Answer, Visitor

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOOKS = (("light", WIDE), ("dark", NARROW))

each_page = pytest.mark.parametrize("seen", PAGES, ids=str)


@pytest.fixture(scope="module")
def busy_site(sqlite_site: LiveSite) -> Iterator[LiveSite]:
    """The demo site with a greeting to show and the plugin in alice's own pages."""
    alice = Visitor(sqlite_site.url, "alice")
    alice.switch_for_me(on=True)
    page = "/plugins/helloworld/g/apollo/"
    alice.send(page, {"text": "The Eagle has landed."}, form_at=page)
    yield sqlite_site
    alice.switch_for_me(on=False)


@pytest.fixture(scope="module")
def answers(busy_site: LiveSite) -> dict[Seen, Answer]:
    """The pages as the server sends them."""
    names = {seen.user_name for seen in PAGES}
    visitors = {name: Visitor(busy_site.url, name) for name in names}
    return {seen: visitors[seen.user_name].get(seen.path) for seen in PAGES}


def visit(page: Page, seen: Seen) -> Response:
    """Open the page and check that it is the right one."""
    answer = page.goto(seen.path)
    assert answer is not None
    assert answer.status == seen.status
    return answer


@each_page
def test_page_has_no_accessibility_violation(
    busy_site: LiveSite, open_page: OpenPage, node_modules: Path, seen: Seen
) -> None:
    """Zero axe violations, best practices included: light and wide, dark and narrow."""
    page = open_page(busy_site, seen.user_name, bypass_csp=True)
    visit(page, seen)
    page.add_script_tag(path=node_modules / "axe-core" / "axe.min.js")
    for scheme, size in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
        assert [described(each) for each in found] == [], f"{scheme}, {size['width']} pixels"


def described(violation: dict[str, Any]) -> str:
    """Return a violation in a line: the rule, and the elements that break it."""
    places = "; ".join(
        node["html"] + " " + node.get("failureSummary", "") for node in violation["nodes"][:3]
    )
    return f"{violation['id']}: {violation['help']}: {places}"


@each_page
def test_page_fits_a_phone_and_is_quiet(
    busy_site: LiveSite, open_page: OpenPage, seen: Seen
) -> None:
    """No sideways scrolling at 360 pixels, no complaint in the console, no request to another host."""
    page = open_page(busy_site, seen.user_name, viewport=NARROW)
    noise: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("response", lambda answer: noise.append(answer.url) if answer.status >= 500 else None)
    visit(page, seen)
    page.wait_for_load_state("networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROW["width"], widest(page)
    if seen.status >= 400:  # chromium notes the status of the page itself
        noise = [line for line in noise if f"status of {seen.status}" not in line]
    assert noise == []
    assert hosts == {urlsplit(busy_site.url).netloc}


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
    for number, answer in enumerate(answers.values()):
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
