"""The list of all changes of a plugin's settings on the site: with whose they are (3.3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, or_

from portal.core.audit.models import AuditEntry
from portal.web.lists.columns import Column
from portal.web.lists.filters import Filter
from portal.web.settinghistory import history_list

SCOPES: Final[Mapping[str, LazyString]] = {
    "site": _l("Site"),
    "group": _l("Group"),
    "user": _l("Person"),
}
#: By the names, which outlive the group and the person.
_IN_SCOPE: Final[Mapping[str, ColumnElement[bool]]] = {
    "site": (AuditEntry.group_name == "") & (AuditEntry.user_name == ""),
    "group": AuditEntry.group_name != "",
    "user": AuditEntry.user_name != "",
}


def _scope(entry: AuditEntry) -> str:
    return "group" if entry.group_name else "user" if entry.user_name else "site"


def _has_scope(op: str, scope: str) -> ColumnElement[bool]:
    return _IN_SCOPE[scope] if op == "eq" else ~_IN_SCOPE[scope]


def _has_owner(op: str, text: str) -> ColumnElement[bool]:
    names = (AuditEntry.group_name, AuditEntry.user_name)
    if op == "eq":
        return or_(*(name == text for name in names))
    return or_(*(name.icontains(text, autoescape=True) for name in names))


def _owner_url(entry: AuditEntry) -> str:
    """Return the page of the group or the person in site admin, while there is one."""
    if entry.group_id is not None:
        return url_for("siteadmin.show_group", group_name=entry.group_name)
    if entry.user_id is not None:
        return url_for("siteadmin.edit_user", user_name=entry.user_name)
    return ""


SETTING_LIST: Final = history_list(
    "site_setting_history",
    Column(
        key="scope",
        title=_l("For"),
        kind="choice",
        choices=lambda: tuple(SCOPES.items()),
        value=_scope,
        filter=Filter(where=_has_scope),
    ),
    Column(
        key="owner",
        title=_l("Whose"),
        value=lambda entry: entry.group_name or entry.user_name,
        link=_owner_url,
        filter=Filter(where=_has_owner),
    ),
)
