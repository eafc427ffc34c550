"""What the walks share: people and groups of their own, and what a page tells whoever is on it."""

import re

from playwright.sync_api import Locator, Page, expect

from portal.accounts.demoaccounts import DEMO_PASSWORD
from tests.browser.mailing import Post
from tests.browser.sites import LiveSite
from tests.browser.visitors import Visitor


class WalkedSite:
    """A running site with its mail; each walk brings people and groups of its own."""

    def __init__(self, site: LiveSite, post: Post) -> None:
        self.site = site
        self.post = post
        self.url = site.url
        self._admin = Visitor(site.url, "admin")

    def add_person(self, user_name: str) -> str:
        """Add an active account with the password of the demo; return the name of its person."""
        real_name = f"{user_name.capitalize()} Walker"
        fields = {
            "user_name": user_name,
            "real_name": real_name,
            "email": address_of(user_name),
            "password": DEMO_PASSWORD,
            "repetition": DEMO_PASSWORD,
            "timezone": "",
            "language": "",
            "at_once": "y",
        }
        answer = self._admin.send("/admin/users/new", fields, form_at="/my/")
        assert answer.status == 303, answer.text
        return real_name

    def add_group(self, name: str, founder: str, *members: str) -> str:
        """Register a public group as its founder, open it, let the founder add members; return its name."""
        full_name = f"The {name.capitalize()} Group"
        fields = {
            "name": name,
            "full_name": full_name,
            "purpose": "To be walked.",
            "description": "A group that somebody walks through in a browser.",
            "is_public": "y",
            "accepts_requests": "y",
        }
        registrar = Visitor(self.url, founder)
        answer = registrar.send("/groups/new", fields, form_at="/my/")
        assert answer.status == 303, answer.text
        self._approve(name)
        for member in members:
            person = {"user_name": member, "role": "Reader"}
            answer = registrar.send(f"/groups/{name}/admin/members", person, form_at="/my/")
            assert answer.status == 303, answer.text
        return full_name

    def _approve(self, name: str) -> None:
        queue = "/admin/groups/pending/"
        forms = re.findall(
            r'action="([^"]+/approve)"(.*?)</form>', self._admin.get(queue).text, re.S
        )
        (action,) = [url for url, rest in forms if f'"Approve {name}"' in rest]
        assert self._admin.send(action, {}, form_at=queue).status == 303


def address_of(user_name: str) -> str:
    """Return the mail address of a person of the walks."""
    return f"{user_name}@walks.example"


def expect_page(page: Page, path: str, heading: str) -> None:
    """Wait until the page is the one at that path, with that heading; its fragment does not matter."""
    try:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    except AssertionError as fault:
        fault.add_note(main(page).inner_text())
        raise
    assert page.evaluate("location.pathname") == path


def expect_told(page: Page, text: str) -> None:
    """Wait until the page tells this in its notices."""
    expect(page.get_by_role("status")).to_contain_text(text)


def main(page: Page) -> Locator:
    """Return the page without its header and footer."""
    return page.get_by_role("main")


def log_in(page: Page, user_name: str, password: str = DEMO_PASSWORD) -> None:
    """Fill in and send the log-in form on the page."""
    page.get_by_label("Login name").fill(user_name)
    page.get_by_label("Password", exact=True).fill(password)
    main(page).get_by_role("button", name="Log in").click()
