"""While plugins go on and off, every request is answered (design 1.5: no request fails)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Event

from tests.browser.sites import LiveSite
from tests.browser.visitors import Visitor

SWAPS = 20
MOST_REQUESTS = 400
CORE_PAGES = ("/", "/groups/", "/groups/apollo/", "/users/alice/", "/login", "/healthz")
PLUGIN_PAGES = ("/plugins/helloworld/g/apollo/", "/plugins/helloworld/static/hello.css")


def test_no_request_fails_while_a_plugin_goes_on_and_off(any_site: LiveSite) -> None:
    """Design 1.5: 20 swaps under a steady stream; only the plugin's own pages are gone while it is off."""
    admin, done = Visitor(any_site.url, "admin"), Event()
    with ThreadPoolExecutor(2) as pool:
        streams = [pool.submit(stream, any_site.url, done) for _ in range(2)]
        try:
            for number in range(SWAPS):
                verb = "enable" if number % 2 else "disable"
                answer = admin.switch_for_site(verb)
                assert answer.status == 303, answer.text
                assert "portal_generation" in answer.headers["Set-Cookie"], verb
        finally:
            done.set()
    seen = sum((each.result() for each in streams), Counter[tuple[str, int]]())
    assert {status for (path, status) in seen if path in CORE_PAGES} == {200}, seen
    assert {status for (path, status) in seen if path in PLUGIN_PAGES} <= {200, 404}, seen
    assert all(seen[path, 200] for path in CORE_PAGES), seen
    assert seen.total() > SWAPS
    assert any_site.failures() == []


def stream(url: str, done: Event) -> Counter[tuple[str, int]]:
    """Ask for one page after the other; a connection that fails raises."""
    visitor, seen = Visitor(url), Counter[tuple[str, int]]()
    for path in islice(cycle(CORE_PAGES + PLUGIN_PAGES), MOST_REQUESTS):
        seen[path, visitor.get(path).status] += 1
        if done.wait(0.02):
            break
    return seen
