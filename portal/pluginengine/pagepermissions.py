"""The permissions that come with pages of declared types: to see rows, and to make and change them.

They are values like those of config.yml, which says more about one by declaring it itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, Literal

from flask_babel import lazy_gettext

from portal.pluginengine.manifest.values import Manifest, PermissionDeclaration

PageScope = Literal["group", "system"]
PageAction = Literal["view", "edit"]

_SCOPES: Final[tuple[PageScope, ...]] = ("group", "system")
_SECTION: Final = "auth_pub"


def permission_of(action: PageAction, handle: str, scope: PageScope) -> str:
    """Return the permission to see, or to make, change and delete, rows of a plugin's types."""
    return f"{scope}.{handle}_{action}"


def with_permissions(manifest: Manifest, scopes: Collection[PageScope]) -> Manifest:
    """Return the manifest with the permissions behind its own that come with pages of these scopes."""
    declared = {each.permission for each in manifest.permissions}
    added = tuple(
        each
        for scope in _SCOPES
        if scope in scopes
        for each in _both(manifest, scope)
        if each.permission not in declared
    )
    return replace(manifest, permissions=(*manifest.permissions, *added)) if added else manifest


def _both(manifest: Manifest, scope: PageScope) -> Iterator[PermissionDeclaration]:
    view, edit = (permission_of(action, manifest.handle, scope) for action in ("view", "edit"))
    yield PermissionDeclaration(
        permission=view,
        label=lazy_gettext("See entries of %(plugin)s", plugin=manifest.name),
        group=_SECTION,
        is_of_seeing=scope == "group",
    )
    yield PermissionDeclaration(
        permission=edit,
        label=lazy_gettext("Make, change and delete entries of %(plugin)s", plugin=manifest.name),
        group=_SECTION,
        inherit_from=(view,),
    )
