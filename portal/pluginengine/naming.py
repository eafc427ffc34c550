"""The names of a plugin: which are legal, which are taken, and which others follow from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml
from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue

PROJECT: Final = "portal"
"""The owner of the names of the bundled plugins in `allocated_names.yml`."""

IDENTIFIER_BYTES: Final = 63
"""The longest name of a table, index or sequence that PostgreSQL keeps whole, in bytes."""

_ROUTE_WORDS: Final = (
    "about", "admin", "api", "group", "groups", "healthz", "help", "login", "logout", "metrics",
    "my", "plugin", "plugins", "readyz", "register", "search", "static", "user", "users",
)  # fmt: skip
_PACKAGE_WORDS: Final = (
    "access", "accounts", "activity", "cli", "clusters", "config", "core", "home", "jobs",
    "migrations", "objectpages", "plannedhooks", "pluginapi", "pluginengine", "portal", "provisioning",
    "scm", "siteadmin", "tasks", "templates", "testing", "tracker", "types", "web", "widgets",
)  # fmt: skip
_WORDS_FOR_THE_WHOLE: Final = ("engine", "host", "site", "system")

CORE_WORDS: Final = frozenset((*_ROUTE_WORDS, *_PACKAGE_WORDS, *_WORDS_FOR_THE_WHOLE))
"""Words that would read as a part of the portal itself: no plugin may have one as its handle."""

_CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_HANDLE = re.compile(r"[a-z]{1,32}")
_CLASS = re.compile(r"[A-Za-z0-9_]{1,255}")
_REST = re.compile(r"[a-z][a-z0-9_]*")
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedName:
    """A handle that belongs to ``owner``; ``purpose`` says what for."""

    handle: str
    owner: str
    purpose: str


@cache
def allocated_names() -> Mapping[str, AllocatedName]:
    """The list `allocated_names.yml` beside this module, by handle (seed 004)."""
    text = Path(__file__).with_name("allocated_names.yml").read_text(encoding="utf-8")
    names = (AllocatedName(**row) for row in yaml.safe_load(text))
    return MappingProxyType({name.handle: name for name in names})


def check_code(text: str) -> str:
    """Return ``text`` when it is a legal code, else raise BadValue (E-25).

    Codes are compared ignoring case by those who keep them unique.
    """
    if not _CODE.fullmatch(text):
        raise BadValue(
            text,
            _(
                "A code consists of 1 to 255 ASCII letters, digits and underscores and does not"
                " begin with a digit, for example HelloWorld."
            ),
        )
    return text


def check_handle(text: str) -> str:
    """Return ``text`` when it has the form of a handle, else raise BadValue (R-01)."""
    if not _HANDLE.fullmatch(text):
        raise BadValue(
            text,
            _("A handle consists of 1 to 32 lower-case ASCII letters, for example helloworld."),
        )
    return text


def is_handle(text: str) -> bool:
    """Tell whether ``text`` has the form of a handle (R-01)."""
    return _HANDLE.fullmatch(text) is not None


def check_free(handle: str, owner: str | None = None) -> str:
    """Return ``handle`` when a plugin of ``owner`` may have it, else raise BadValue.

    Core words are refused to all, allocated names to everybody but their owner. ``owner`` must be
    proven (PROJECT for the bundled plugins, the signer of a signed archive), never the author
    that a manifest claims; None is nobody in particular.
    """
    if handle in CORE_WORDS:
        raise BadValue(handle, _("This word belongs to the portal itself. Choose another handle."))
    allocated = allocated_names().get(handle)
    if allocated is not None and allocated.owner != owner:
        raise BadValue(
            handle,
            _(
                "This handle is allocated to %(owner)s (%(purpose)s). Choose another one.",
                owner=allocated.owner,
                purpose=allocated.purpose.rstrip("."),
            ),
        )
    return handle


def default_handle(code: str) -> str | None:
    """The handle that follows from ``code``: lower-cased; None when that is not a handle."""
    lowered = code.lower()
    return lowered if code.isascii() and _HANDLE.fullmatch(lowered) else None


def check_class_name(text: str) -> str:
    """Return ``text`` when it may name the handler class (`event:`), else raise BadValue (E-25)."""
    if not _CLASS.fullmatch(text):
        raise BadValue(
            text,
            _(
                "A handler class is named with 1 to 255 ASCII letters, digits and underscores,"
                " for example HelloWorldEvent."
            ),
        )
    return text


def check_handler(text: str) -> str:
    """Return ``text`` when it may name a handler, else raise BadValue (E-31)."""
    if not _CLASS.fullmatch(text):
        raise BadValue(
            text,
            _(
                "A handler is named with 1 to 255 ASCII letters, digits and underscores,"
                " for example on_group_menu."
            ),
        )
    return text


def underscore(code: str) -> str:
    """``UnixCluster`` -> ``unix_cluster``, ``LDAPCluster`` -> ``ldap_cluster``."""
    return _WORD_STARTS.sub("_", code).lower()


def tableize(code: str) -> str:
    """``UnixCluster`` -> ``unix_clusters``; a plain s is right for Cluster and Provisioner."""
    return underscore(code) + "s"


def readable(name: str) -> str:
    """Return a name of code as a label for people: ``due_date`` -> ``Due date``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def prefix(handle: str) -> str:
    """What the name of each table, index, sequence and view of the plugin begins with."""
    return f"plugin_{handle}_"


def table(handle: str, rest: str) -> str:
    """``plugin_<handle>_<rest>``, or BadValue when no database object can have that name.

    The whole may have at most 63 bytes (PostgreSQL cuts longer names), ``rest`` consists of
    lower-case ASCII letters, digits and underscores and does not repeat the prefix.
    """
    name = prefix(handle) + rest
    if not _REST.fullmatch(rest) or rest.startswith("plugin_"):
        raise BadValue(
            rest,
            _(
                "A table's own name consists of lower-case ASCII letters, digits and underscores,"
                " begins with a letter and leaves the prefix %(prefix)s to the engine.",
                prefix=prefix(handle),
            ),
        )
    if len(name) > IDENTIFIER_BYTES:
        raise BadValue(
            rest,
            _(
                "The table would be called %(name)s, which has more than %(limit)s characters."
                " Shorten it to at most %(rest)s.",
                name=name,
                limit=IDENTIFIER_BYTES,
                rest=IDENTIFIER_BYTES - len(prefix(handle)),
            ),
        )
    return name
