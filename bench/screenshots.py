"""Takes the pictures of docs/screenshots/ from the demo content, on a site made for it and thrown away.

Run: .venv/bin/python -m bench.screenshots [folder]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from portal.config import ROOT
from tests.browser.chromium import CHROMIUM_OPTIONS, session_cookie
from tests.browser.sites import LiveSite, demo_environ, prepare, running_site
from tests.browser.visitors import Visitor
from tests.fixtures.run_directory import VARIABLE

PAGES = {
    "front-page": ("/", ""),
    "group-summary": ("/groups/apollo/", "alice"),
    "declared-type": ("/plugins/helloworld/g/apollo/t/occasion/", "alice"),
    "group-plugins": ("/groups/apollo/admin/plugins", "alice"),
    "site-admin-plugins": ("/admin/plugins/", "admin"),
}
OCCASIONS = (
    ("Anniversary of the landing", "2027-07-20T20:17", "birthday"),
    ("Landing program, third draft", "2027-02-01T09:00", "release"),
    ("Reading the alarms together", "2026-12-04T15:00", "meeting"),
)
LOOKS: dict[str, tuple[str, ViewportSize]] = {
    "": ("light", {"width": 1280, "height": 800}),
    "-dark": ("dark", {"width": 1280, "height": 800}),
    "-phone": ("light", {"width": 360, "height": 740}),
}


def main(folder: Path) -> None:
    """Take every page in every look."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("The pictures need chromium, which is not on this machine.")
    with tempfile.TemporaryDirectory() as var, sync_playwright() as playwright:
        os.environ[VARIABLE] = var  # where the sites of a run share their compiled templates
        environ = demo_environ(Path(var) / "site")
        prepare(environ)
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_OPTIONS))
        with running_site(environ) as site:
            greet(site)
            for name, (path, user_name) in PAGES.items():
                for suffix, (scheme, size) in LOOKS.items():
                    picture = folder / f"{name}{suffix}.png"
                    take(browser, site, user_name, path, scheme, size, picture)
                    print(picture)
        browser.close()


def greet(site: LiveSite) -> None:
    """Leave a greeting and occasions for more, so that the plugin has something to show."""
    page = "/plugins/helloworld/g/apollo/"
    Visitor(site.url, "bob").send(
        page, {"text": "Tranquility Base here. The Eagle has landed."}, form_at=page
    )
    alice, form = Visitor(site.url, "alice"), f"{page}t/occasion/new"
    for title, day, kind in OCCASIONS:
        alice.send(form, {"field_title": title, "field_day": day, "field_kind": kind}, form_at=form)


def take(
    browser: Browser,
    site: LiveSite,
    user_name: str,
    path: str,
    scheme: str,
    size: ViewportSize,
    picture: Path,
) -> None:
    """Take one picture."""
    context = browser.new_context(
        base_url=site.url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport=size,
        reduced_motion="reduce",
    )
    if user_name:
        context.add_cookies([session_cookie(site.url, user_name)])
    page = context.new_page()
    answer = page.goto(path, wait_until="networkidle")
    if answer is None or not answer.ok:
        sys.exit(f"{path} does not answer as it should.")
    page.screenshot(path=picture)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
