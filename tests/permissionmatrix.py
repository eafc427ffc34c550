"""A site with fixed people, groups and keys, and what every route answers to each of them.

The permission matrix of issue 4 (engineering 2s): endpoint times method times viewer to a status
class. Requests are sent without any form field, so that a viewer who may pass meets the form's rules
(422) or the deed itself (303); the database is put back after each of them.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access.joining import request_to_join
from portal.access.queries import role_named
from portal.access.roles import create_role
from portal.access.sitegrants import give_site_role
from portal.accounts.models import User
from portal.core.clock import now
from portal.groups.models import HOLD, PENDING
from portal.groups.queries import named_group
from portal.groups.reasons import save_reason
from portal.groups.states import set_status
from portal.web.mails import compose_for
from tests.factories import make_group, make_member, make_user
from tests.fixtures.plugins import PluginSite

VIEWERS = ("anonymous", "outsider", "reader", "developer", "admin", "site-admin")
#: A public group, a private one, and one that site admins hold; the same people are in all three.
GROUPS = ("apollo", "gemini", "vostok")
STOCK_ROLES = {"reader": "Reader", "developer": "Developer", "admin": "Admin"}
#: What stands in an address besides the group; a new argument gets its value here.
VALUES: Mapping[str, str] = {
    "audit_id": "1",
    "code": "helloworld",
    "group_id": "4",
    "group_name": "vostok",
    "handle": "helloworld",
    "handler_id": "1",
    "sha256": "0" * 64,
    "hook": "cssfile",
    "mail_id": "1",
    "reason_id": "1",
    "rest": "x",
    "session_id": "1",
    "token": "no-such-token",
    "user": "reader",
}
#: Keys that differ from group to group; "-" is for addresses without one.
GREETINGS = {"apollo": "1", "gemini": "2", "vostok": "3", "-": "1"}
#: Somebody in every group with a role of theirs; on the site, somebody who has the site's role.
PERSON, SITE_PERSON = "reader", "deputy"
#: Somebody who asks to join each group.
APPLICANT = "applicant"
FILES = {
    "/static/<path:filename>": "favicon.svg",
    "/bootstrap/static/<path:filename>": "css/bootstrap.min.css",
    "/plugins/<handle>/static/<path:filename>": "hello.css",
}
GROUP_ARGUMENTS = ("name", "group")
SESSION = "portal_session"
#: Part of the addresses of every declared type: of the example plugin's books and shelves.
TYPES = "/<type_name>/"
_CONVERTER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")
_PROBES = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, order=True)
class Case:
    """A route, a method and, where the address has one, a group."""

    rule: str
    method: str
    group: str = "-"

    def __str__(self) -> str:
        return f"{self.method:<6} {self.rule} {self.group}"


class MatrixSite:
    """The site of the matrix: ask it who gets what."""

    def __init__(self, site: PluginSite, file: Path) -> None:
        self._site, self._file = site, file
        site.enable("helloworld", "books")
        self.people: dict[str, User | None] = {"anonymous": None}
        self.roles: dict[str, int] = {}
        with site.arrange():
            self._make_people()
            for name in GROUPS:
                self._make_group(name)
            self._make_site_role()
            make_group("lunar", status=PENDING)
            save_reason("Too small", "Join a group that is there already.")
        for name in GROUPS:
            client = site.client(self.people["developer"])
            client.post(f"/plugins/helloworld/g/{name}/", data={"text": f"Hello {name}"})
            self._add_row(f"/plugins/books/g/{name}/t/book/new", field_title=f"Of {name}")
        self._add_row("/plugins/books/t/shelf/new", field_name="Oak")
        with site.arrange():
            held = named_group(GROUPS[-1])
            assert held is not None
            set_status(held, HOLD)
        self._cookies = {viewer: self._sign_in(user) for viewer, user in self.people.items()}
        self._snapshot = file.with_suffix(".snapshot")
        _copy(file, self._snapshot)

    def rules(self) -> Iterator[Rule]:
        """Yield every route of the portal and of the plugin helloworld."""
        yield from self._site.app.url_map.iter_rules()

    def cases(self) -> list[Case]:
        """Return every case, in order; an address with a group stands once for each of them."""
        found = []
        for rule in self.rules():
            has_group = any(each in rule.arguments for each in GROUP_ARGUMENTS)
            for method in sorted((rule.methods or set()) - _PROBES):
                groups = GROUPS if has_group else ("-",)
                found += [Case(str(rule), method, group) for group in groups]
        return sorted(set(found))

    def address(self, case: Case, **instead: str) -> str:
        """Return the case's address; KeyError for an argument that has no value."""
        values = {
            **VALUES,
            "role_id": str(self.roles[case.group]),
            "greeting_id": GREETINGS[case.group],
            "key": GREETINGS[case.group],
            "type_name": "shelf" if case.group == "-" else "book",
            "user_name": self._person(case),
            "filename": FILES.get(case.rule, ""),
            **({"handle": "books"} if TYPES in case.rule else {}),
            **instead,
        }
        values |= dict.fromkeys(GROUP_ARGUMENTS, case.group)
        return _CONVERTER.sub(lambda found: values[found.group(1)], case.rule)

    def _person(self, case: Case) -> str:
        if "/requests/" in case.rule:
            return APPLICANT
        return PERSON if case.group in GROUPS else SITE_PERSON

    def answer(
        self, viewer: str, method: str, address: str, data: Mapping[str, object] | None = None
    ) -> str:
        """Return the status that the viewer gets, or "login" for being sent there; nothing stays."""
        with self._undone(method), _sent(self._browser(viewer), method, address, data) as answer:
            is_login = answer.headers.get("Location", "").startswith("/login")
            return "login" if answer.status_code == 302 and is_login else str(answer.status_code)

    def changes(self, viewer: str, method: str, address: str, data: Mapping[str, object]) -> bool:
        """Tell whether the request changes anything at all in the database."""
        before = _dump(self._file)
        with self._undone(method), _sent(self._browser(viewer), method, address, data):
            return _dump(self._file) != before

    def _sign_in(self, user: User | None) -> str:
        """Return the cookie of a session of the person's; it is in the snapshot, and good for every case."""
        cookie = self._site.client(user).get_cookie(SESSION)
        return cookie.value if cookie else ""

    def _browser(self, viewer: str) -> FlaskClient:
        """Return a browser that knows nothing but the viewer's session."""
        client = self._site.client()
        if self._cookies[viewer]:
            client.set_cookie(SESSION, self._cookies[viewer])
        return client

    @contextmanager
    def _undone(self, method: str) -> Iterator[None]:
        try:
            yield
        finally:
            if method != "GET":
                _copy(self._snapshot, self._file)

    def _add_row(self, address: str, **fields: str) -> None:
        answer = self._site.client(self.people["site-admin"]).post(address, data=fields)
        assert answer.status_code == 303, answer.text

    def _make_people(self) -> None:
        for name in VIEWERS[1:]:
            self.people[name] = make_user(name, is_site_admin=name == "site-admin")
        reader = self.people["reader"]
        assert reader is not None
        assert reader.set_plugin_usage("helloworld", True)
        compose_for(reader, "siteadmin/test", moment=now())
        self._applicant = make_user(APPLICANT)

    def _make_site_role(self) -> None:
        role = create_role(None, "Approvers", ["system.approve_groups"])
        self.roles["-"] = role.role_id
        # so that site-admin is not the last one
        give_site_role(role, make_user(SITE_PERSON, is_site_admin=True))

    def _make_group(self, name: str) -> None:
        group = make_group(name, is_public=name != "gemini")
        make_member(group, make_user(f"founder-{name}"), "Admin")
        for viewer, role in STOCK_ROLES.items():
            user = self.people[viewer]
            assert user is not None
            make_member(group, user, role)
        request_to_join(group, self._applicant, "Let me in")
        assert group.set_plugin_usage("helloworld", True)
        assert group.set_plugin_usage("books", True)
        reader = role_named(group.group_id, "Reader")
        assert reader is not None
        self.roles[name] = reader.role_id


def _sent(
    client: FlaskClient, method: str, address: str, data: Mapping[str, object] | None
) -> closing[TestResponse]:
    return closing(client.open(address, method=method, data=data))


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
