"""A running site on each database, a real chromium, and people who are logged in to both."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.chromium import CHROMIUM_OPTIONS, session_cookie
from tests.browser.mailing import Post, mailing_site
from tests.browser.sites import LiveSite, copied_site, demo_environ, prepare, running_site
from tests.browser.visitors import Visitor
from tests.browser.walking import WalkedSite
from tests.fixtures.databases import address_of
from tests.fixtures.mail import Mailbox
from tests.fixtures.run_directory import run_directory, run_lock
from tests.fixtures.tools import give_up, requires

PATIENCE_MS = 15_000

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def demo_template() -> Path:
    """The directory of a SQLite site with the demo content, made once a run."""
    folder = run_directory() / "demo"
    with run_lock():
        if not folder.exists():
            draft = run_directory() / "demo-draft"
            prepare(demo_environ(draft))
            draft.rename(folder)
    return folder


@pytest.fixture(scope="session")
def sqlite_site(
    demo_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSite]:
    """The demo site on SQLite, running until the end of the session."""
    with running_site(copied_site(demo_template, tmp_path_factory.mktemp("site"))) as site:
        yield site


@pytest.fixture(scope="session")
def postgresql_site(
    postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveSite]:
    """The demo site on PostgreSQL, running until the end of the session."""
    name = f"live_{uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    environ = demo_environ(
        tmp_path_factory.mktemp("site"), DATABASE_URL=address_of(postgresql_server, name)
    )
    prepare(environ)
    with running_site(environ) as site:
        yield site


@pytest.fixture(scope="session")
def walked(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalkedSite]:
    """The demo site on SQLite with a mail server, running until the end of the session."""
    mailbox = Mailbox()
    with mailing_site(demo_template, tmp_path_factory.mktemp("walked"), mailbox) as site:
        yield WalkedSite(site, Post(site, mailbox))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_site(request: pytest.FixtureRequest) -> Iterator[LiveSite]:
    """The demo site on each kind of database; what a test has switched is switched back."""
    site: LiveSite = request.getfixturevalue(f"{request.param}_site")
    yield site
    restore(site)


@pytest.fixture
def live_site(sqlite_site: LiveSite) -> Iterator[LiveSite]:
    """The demo site on SQLite; what a test has switched is switched back."""
    yield sqlite_site
    restore(sqlite_site)


def restore(site: LiveSite) -> None:
    """Bring the plugin switches back to what the demo made them."""
    Visitor(site.url, "admin").switch_for_site("enable")
    alice = Visitor(site.url, "alice")
    alice.switch_for_group("apollo", on=True)
    alice.switch_for_group("mercury", on=False)
    alice.switch_for_me(on=False)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A chromium without a window."""
    path = requires("chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_OPTIONS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_cookies() -> dict[tuple[str, str], dict[str, str]]:
    """The cookies of people who have logged in before, by site and name: logging in costs time."""
    return {}


@pytest.fixture
def new_context(
    chromium: Browser, session_cookies: dict[tuple[str, str], dict[str, str]]
) -> Iterator[Callable[..., BrowserContext]]:
    """Opens browser profiles that know nothing of each other."""
    contexts: list[BrowserContext] = []

    def open_context(site: LiveSite, user_name: str = "", **options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=site.url, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if user_name:
            key = (site.url, user_name)
            if key not in session_cookies:
                session_cookies[key] = session_cookie(*key)
            context.add_cookies([session_cookies[key]])
        return context

    yield open_context
    for context in contexts:
        context.close()


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext]) -> OpenPage:
    """Opens a window of its own for a person: ``open_page(site, "alice", viewport=...)``."""

    def open_one(site: LiveSite, user_name: str = "", **options: Any) -> Page:
        return new_context(site, user_name, **options).new_page()

    return open_one


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Where npm has put the checkers."""
    requires("node")
    folder = Path(__file__).parent / "node_modules"
    if not folder.exists():
        give_up("the checkers are missing (`npm ci --prefix tests/browser` brings them)")
    return folder


@pytest.fixture
def walk(walked: WalkedSite, new_context: Callable[..., BrowserContext]) -> Iterator[OpenPage]:
    """Opens windows on the walked site: ``walk("alice")``; the console has to stay silent in them.

    What chromium notes of a page that the walk is refused is no noise.
    """
    noise: list[tuple[str, str]] = []
    refused: set[str] = set()

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: noise.append((str(error), "")))
        page.on(
            "console", lambda message: noise.append((message.text, str(message.location["url"])))
        )
        page.on(
            "response",
            lambda answer: (
                refused.add(answer.url)
                if 400 <= answer.status < 500 and answer.request.is_navigation_request()
                else None
            ),
        )

    def open_one(user_name: str = "", **options: Any) -> Page:
        page = new_context(walked.site, user_name, **options).new_page()
        listen(page)
        return page

    yield open_one
    assert [line for line in noise if line[1] not in refused] == []
    assert walked.site.failures() == []
