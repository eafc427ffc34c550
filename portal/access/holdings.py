"""The grants of a plugin's permissions: kept while it is away, counted before a purge, gone with it."""

from __future__ import annotations

from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from portal.access.grants import forget_all_grants
from portal.access.models import MemberPermission, RolePermission, UserPermission
from portal.access.permissions import current_permissions
from portal.core.database import db
from portal.pluginengine.holdings import Holding
from portal.pluginengine.manifest.permissions import is_permission, parse_permission
from portal.pluginengine.models import PluginRow

_TABLES: Final[tuple[Any, ...]] = (RolePermission, MemberPermission, UserPermission)


def owned_permissions(row: PluginRow) -> frozenset[str]:
    """Return the ids that the plugin has declared, without those that belong to somebody else, too."""
    own = _declared(row.manifest)
    if not own:
        return own
    registry = current_permissions()
    others = select(PluginRow.manifest).where(PluginRow.plugin_id != row.plugin_id)
    taken = frozenset().union(*map(_declared, db.session.scalars(others)))
    return frozenset(
        each
        for each in own
        if (registry.owner(each) == row.plugin_name if each in registry else each not in taken)
    )


def _declared(manifest: dict[str, Any] | None) -> frozenset[str]:
    found = (manifest or {}).get("permissions")
    names = found if isinstance(found, dict) else {}
    return frozenset(parse_permission(name) for name in names if is_permission(name))


def _count(row: PluginRow) -> int:
    own = owned_permissions(row)
    return sum(
        db.session.scalar(select(func.count()).select_from(table).where(table.permission.in_(own)))
        or 0
        for table in _TABLES
        if own
    )


def _drop(row: PluginRow) -> int:
    own, count = owned_permissions(row), _count(row)
    for table in _TABLES:
        db.session.execute(delete(table).where(table.permission.in_(own)))
    forget_all_grants()
    return count


GRANTS = Holding(name="grants", title=_l("Grants of its permissions"), count=_count, drop=_drop)
