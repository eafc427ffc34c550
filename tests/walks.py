"""Every page of the core, for tests that walk through all of them as different people."""

import re

from flask import Flask
from werkzeug.routing import Rule

from portal.accounts.models import User
from portal.core.unit_of_work import unit_of_work
from tests.factories import make_group, make_member, make_user

_MASKS = (
    (re.compile(rb'(name="csrf_token"[^>]*value=")[^"]*'), rb"\1..."),
    (re.compile(rb"(Request <code>)[0-9a-f]+"), rb"\1..."),
    (re.compile(rb'(<span class="took">)[^<]*'), rb"\1..."),
)
_CONVERTER = re.compile(r"<[a-z]+(\([^)]*\))?:")

FIRST_ROW = ("1",)
NO_PAGES = frozenset(
    {
        "probes",
        "bootstrap",
        "static",
        "plugin_old",
        "plugin_old_root",
        "plugin_static",
        "short_type_address",
    }
)


def make_people(app: Flask) -> dict[str, User | None]:
    """Add apollo, mercury and the private gemini, with their people; returns the viewers by name."""
    with app.app_context(), unit_of_work("write"):
        admin = make_user("admin", is_site_admin=True)
        alice, bob, carol = (make_user(name) for name in ("alice", "bob", "carol"))
        for group in (
            make_group("apollo"),
            make_group("mercury"),
            make_group("gemini", is_public=False),
        ):
            make_member(group, alice, "Admin")
            make_member(group, bob)
    return {"": None, "alice": alice, "bob": bob, "carol": carol, "admin": admin}


def core_pages(app: Flask, code: str = "helloworld") -> list[str]:
    """Return the address of every GET page of the core and of two that do not exist.

    Keys of rows (``mail_id``) are 1, a row or none. A rule with another argument that this function
    does not know raises KeyError: give it a value here.
    ``code`` is a plugin that the site knows or finds on its disk.
    """
    paths = ["/no-such-page", "/groups/no-such-group/"]
    values = {
        "name": ("apollo", "gemini"),
        "group_name": ("apollo",),
        "hook": ("groupmenu",),
        "user_name": ("alice",),
        "code": (code,),
        "handle": (code,),
        "token": ("no-such-token",),
        "sha256": ("0" * 64,),
    }
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and _is_page(rule, app):
            addresses = [_CONVERTER.sub("<", str(rule))]
            for argument in rule.arguments:
                addresses = [
                    address.replace(f"<{argument}>", value)
                    for address in addresses
                    for value in (FIRST_ROW if argument.endswith("_id") else values[argument])
                ]
            paths += addresses
    return sorted(paths)


def _is_page(rule: Rule, app: Flask) -> bool:
    package = rule.endpoint.partition(".")[0]
    is_of_plugin = str(rule).startswith("/plugins/")
    return package not in NO_PAGES and not is_of_plugin


def masked(page: bytes) -> bytes:
    """Return the page without what is new in each answer."""
    for pattern, mask in _MASKS:
        page = pattern.sub(mask, page)
    return page
