"""Figures of site admin: who uses each plugin, by the activation predicate's rule; groups by state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from portal.accounts.models import ACTIVE as ACTIVE_USER
from portal.accounts.models import User, UserPlugin
from portal.core.database import db
from portal.groups.models import ACTIVE as ACTIVE_GROUP
from portal.groups.models import Group, GroupPlugin


@dataclass(frozen=True, kw_only=True)
class OwnerCounts:
    """How many active owners of one kind there are, and how many said yes or no to each plugin."""

    total: int
    choices: Mapping[tuple[int, bool], int]

    def using(self, plugin_id: int, policy: str) -> int:
        """Return how many use the plugin where it is enabled, given the site's policy (design 6)."""
        if policy == "forced":
            return self.total
        if policy == "default_on":
            return self.total - self.choices.get((plugin_id, False), 0)
        return self.choices.get((plugin_id, True), 0) if policy == "allowed" else 0

    def chosen(self, plugin_id: int) -> int:
        """Return how many said yes or no to the plugin, whatever the policy makes of it."""
        return sum(count for (plugin, _used), count in self.choices.items() if plugin == plugin_id)


def group_counts() -> OwnerCounts:
    """Count active groups and their choices; two SELECTs."""
    return _counts(Group.group_id, Group.status == ACTIVE_GROUP, GroupPlugin)


def user_counts() -> OwnerCounts:
    """Count active people and their choices; two SELECTs."""
    return _counts(User.user_id, User.status == ACTIVE_USER, UserPlugin)


def groups_by_state() -> Mapping[str, int]:
    """Return how many groups are in each state, by its letter; one SELECT."""
    query = select(Group.status, func.count()).group_by(Group.status)
    return {row.status: row[1] for row in db.session.execute(query)}


def _counts(key: Any, is_active: ColumnElement[bool], use: Any) -> OwnerCounts:
    total = db.session.scalar(select(func.count(key)).where(is_active)) or 0
    rows = db.session.execute(
        select(use.plugin_id, use.used, func.count())
        .join(key.class_, getattr(use, key.key) == key)
        .where(is_active)
        .group_by(use.plugin_id, use.used)
    )
    return OwnerCounts(
        total=total, choices={(plugin_id, used): count for plugin_id, used, count in rows}
    )
