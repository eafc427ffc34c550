"""Judges `permissions`: what a plugin lets site and group admins grant (M-29 to M-36)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.numbers import parse_number
from portal.pluginengine.manifest.values import PermissionDeclaration

PERMISSION_KEYS: Final = (
    "label", "group", "order", "inherit_from", "permitted_action", "display",
)  # fmt: skip

PERMISSION_GROUPS: Final = (
    "sys_admin", "blog_admin", "auth_pub", "blog_design", "blog_upload", "blog_comment",
)  # fmt: skip
"""The sections of the role editor, in their order; exactly these six (M-31)."""

_SYNONYMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "group_admin": "blog_admin",
        "group_design": "blog_design",
        "group_upload": "blog_upload",
        "group_comment": "blog_comment",
    }
)

_PERMISSION = re.compile(r"(system|group|blog)\.([a-z][a-z0-9_]{0,199})")
_ACTION = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,254}")


def parse_permission(text: str) -> str:
    """The canonical id of a permission: `blog.x` becomes `group.x` (R-10); else BadValue (M-35)."""
    match = _PERMISSION.fullmatch(text)
    if match is None:
        raise BadValue(
            text,
            _(
                "A permission is named system.x or group.x (blog.x means the same), where x is"
                " lower-case ASCII letters, digits and underscores."
            ),
        )
    return f"{'system' if match[1] == 'system' else 'group'}.{match[2]}"


def is_permission(text: str) -> bool:
    """Tell whether the text names a permission, `blog.x` included."""
    return _PERMISSION.fullmatch(text) is not None


def permissions(entry: Entry) -> tuple[PermissionDeclaration, ...]:
    """Every permission declared, in the order of the file."""
    found: dict[str, PermissionDeclaration] = {}
    for name, place in entry.entries():
        try:
            permission = parse_permission(name)
        except BadValue as bad:
            place.fault(bad.rule, bad.value)
            continue
        declaration = _permission(permission, place)
        if permission in found:
            place.fault(_("%(permission)s is declared already.", permission=permission), name)
        found[permission] = declaration
    return tuple(found.values())


def _permission(permission: str, place: Entry) -> PermissionDeclaration:
    at = place.fields(PERMISSION_KEYS)
    group = at["group"].one_of((*PERMISSION_GROUPS, *_SYNONYMS))
    return PermissionDeclaration(
        permission=permission,
        label=at["label"].text() or None,
        group=_SYNONYMS.get(group, group) if group is not None else None,
        order=at["order"].checked(parse_number),
        inherit_from=at["inherit_from"].distinct(lambda item: item.checked(parse_permission)),
        permitted_action=_actions(at["permitted_action"]),
        display=at["display"].flag(),
    )


def _actions(entry: Entry) -> tuple[tuple[str, bool], ...]:
    found = []
    for action, place in entry.entries():
        if not _ACTION.fullmatch(action):
            place.fault(
                _("An action is named with ASCII letters, digits, underscores and points."), action
            )
            continue
        allowed = place.flag()
        if place.is_absent:
            place.text(required=True)
        if allowed is not None:
            found.append((action, allowed))
    return tuple(found)
