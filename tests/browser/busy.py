"""A site on which much has happened, so that no page is looked at empty; and the keys of its addresses."""

import re
import time
from collections.abc import Mapping

from portal.accounts.demoaccounts import DEMO_PASSWORD
from portal.config import ROOT
from tests.browser import archives
from tests.browser.mailing import Post
from tests.browser.sites import LiveSite
from tests.browser.visitors import Answer, Visitor
from tests.browser.walking import WalkedSite, address_of
from tests.fixtures.mail import Mailbox
from tests.fixtures.plugins import pack

BADGES = ROOT / "docs" / "plugins" / "examples" / "badges"
#: No mail reaches this person: the server refuses the address for good.
UNREACHABLE = "bounce"
REFUSED_WITHIN_SECONDS = 30


class BusySite:
    """The demo site with people, groups and mails in every state.

    ``people`` are logged in, "" is nobody; ``keys`` fill the names in braces of an address, such as
    ``{confirm}`` in ``/register/confirm/{confirm}``.
    """

    def __init__(self, site: LiveSite, mailbox: Mailbox) -> None:
        self.url = site.url
        self.people = {name: Visitor(site.url, name) for name in ("admin", "alice", "bob", "carol")}
        self.people[""] = Visitor(site.url)
        self._post = Post(site, mailbox)
        mailbox.answers[address_of(UNREACHABLE)] = "550 5.1.1 nobody of that name lives here"
        self._fill(WalkedSite(site, self._post))
        self.keys: Mapping[str, str] = {
            **self._tokens(),
            **self._rows(),
            **self._archives(),
        }

    def path(self, pattern: str) -> str:
        """Return the address with the keys of this site's rows and tokens."""
        return pattern.format_map(self.keys)

    def _fill(self, walked: WalkedSite) -> None:
        for name in ("suspended", "deleted", "founder"):
            walked.add_person(name)
        walked.add_group("onhold", "founder")
        walked.add_group("bygone", "founder")
        for path, fields in (
            ("/admin/users/suspended/suspend", {}),
            ("/admin/users/deleted/delete", {"sure": "y"}),
            ("/admin/groups/onhold/hold", {}),
            ("/admin/groups/bygone/delete", {"closes": "y", "goes": "y", "sure": "y"}),
            ("/admin/roles/new", {"name": "Greeter", "permissions": "system.approve_groups"}),
            ("/admin/users/alice/permissions", {"permissions": "system.approve_groups"}),
            ("/my/confirm-password", {"password": DEMO_PASSWORD}),
        ):
            self._send("admin", path, fields)
        request = {"name": "sputnik", "full_name": "Sputnik Listeners", "is_public": "y"}
        request |= {"purpose": "To hear it.", "description": "Everybody with a short wave radio."}
        self._send("carol", "/groups/new", request)
        self._send("carol", "/groups/apollo/join", {"comment": "I can read core rope by hand."})
        self._send("alice", "/my/settings/plugins", {"shown": "helloworld", "use_helloworld": "1"})
        greetings = "/plugins/helloworld/g/apollo/"
        self._send("alice", greetings, {"text": "The Eagle has landed."}, form_at=greetings)
        Visitor(self.url, "alice")

    def _tokens(self) -> dict[str, str]:
        for name in ("pending", UNREACHABLE):
            fields = {"user_name": name, "real_name": "New Here", "email": address_of(name)}
            fields |= {"password": DEMO_PASSWORD, "repetition": DEMO_PASSWORD}
            fields |= {"timezone": "", "language": ""}
            self._send("", "/register", fields, form_at="/register")
        self._send("", "/password/lost", {"who": "bob"}, form_at="/password/lost")
        address = {"email": "alice@elsewhere.example", "password": DEMO_PASSWORD}
        self._send("alice", "/my/settings/email", address)
        links = {
            "confirm": (address_of("pending"), "Confirm your account", "/register/confirm/"),
            "reset": ("bob@", "A new password", "/password/reset/"),
            "address": ("alice@elsewhere", "Confirm your new address", "/my/settings/email/"),
        }
        return {key: self._post.link(*link).rpartition("/")[2] for key, link in links.items()}

    def _rows(self) -> dict[str, str]:
        roles = self._keys("alice", "/groups/apollo/admin/roles", "roles")
        return {
            "member_role": roles[0],
            "visitor_role": roles[-1],
            "site_role": self._keys("admin", "/admin/roles/", "roles")[0],
            "failed_mail": self._failed_mail(),
        }

    def _archives(self) -> dict[str, str]:
        """Upload an archive to look at; install another, and uninstall it again; install one to set up."""
        install = "/admin/plugin-install"
        relic = self._upload(install, archives.leaving())
        self._send("admin", f"{install}/{relic}", {"do": "install", "enable": "y"})
        self._send("admin", "/admin/plugins/relic/uninstall", {"do": "uninstall"})
        motto = self._upload(install, archives.personal())
        self._send("admin", f"{install}/{motto}", {"do": "install", "enable": "y"})
        badges = self._upload(install, pack(BADGES))  # on the registration and in the settings
        self._send("admin", f"{install}/{badges}", {"do": "install", "enable": "y"})
        self._set_up()
        self._install_books()
        return {"archive": self._upload(install, archives.declaring())}

    def _install_books(self) -> None:
        """Let apollo keep books and the site shelves; mercury has none yet."""
        install = "/admin/plugin-install"
        books = self._upload(install, archives.books())
        self._send("admin", f"{install}/{books}", {"do": "install", "enable": "y"})
        for visitor in self.people.values():
            visitor.follow(self.people["admin"])
        for group in ("apollo", "mercury"):
            self.people["alice"].switch_for_group(group, on=True, handle="books")
        first = {"field_author": "Michael Collins", "field_pages": "478", "field_lent_to": "bob"}
        first |= {"field_due_at": "2026-12-24T18:00", "field_notes": "Signed.\n\nHandle with care."}
        for fields in ({"field_title": "Carrying the Fire", **first}, {"field_title": "Moondust"}):
            form = "/plugins/books/g/apollo/t/book/new"
            self._send("alice", form, {"field_state": "there", **fields}, form_at=form)
        form = "/plugins/books/t/shelf/new"
        self._send("admin", form, {"field_name": "Oak", "field_places": "40"}, form_at=form)

    def _set_up(self) -> None:
        """Change settings of plugins for the site, a group and a person, as whose form each is."""
        self._send("admin", "/my/settings/plugins", {"shown": "motto", "use_motto": "1"})
        for user_name, path, fields in (
            ("admin", "/admin/plugin/helloworld/config", {"setting_greeting": "Hello, all."}),
            ("alice", "/groups/apollo/admin/plugins/helloworld/", {"setting_greeting": "Roger."}),
            ("admin", "/my/settings/plugins/motto", {"setting_motto": "Festina lente"}),
        ):
            self._send(user_name, path, fields, form_at=path)

    def _upload(self, path: str, data: bytes) -> str:
        answer = self.people["admin"].upload(path, "plugin.zip", data)
        assert answer.status == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def _failed_mail(self) -> str:
        until = time.monotonic() + REFUSED_WITHIN_SECONDS
        while time.monotonic() < until:
            if keys := self._keys("admin", "/admin/mail/?f.state.eq=failed", "mail"):
                return keys[0]
            time.sleep(0.2)
        raise AssertionError("the mail server has refused no mail")

    def _keys(self, user_name: str, path: str, kind: str) -> list[str]:
        return re.findall(rf'href="[^"]*/{kind}/(\d+)/"', self.people[user_name].get(path).text)

    def _send(
        self, user_name: str, path: str, fields: Mapping[str, str], form_at: str = "/my/"
    ) -> Answer:
        answer = self.people[user_name].send(path, fields, form_at=form_at)
        assert answer.status == 303, f"{path}: {answer.status}: {answer.text}"
        return answer
