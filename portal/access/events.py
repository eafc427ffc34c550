"""Telling plugins who came to a group and who left it: at one place, whatever the way was."""

from __future__ import annotations

from collections.abc import Iterable

from portal.access.decisions import AccessGroup
from portal.access.snapshots import MembershipSnapshot
from portal.accounts.models import User
from portal.accounts.snapshots import snapshot
from portal.pluginengine.engine import current_engine


def tell_added(group: AccessGroup, user: User, roles: Iterable[str]) -> None:
    """Tell, after the commit, that the person became a member, with these roles."""
    _tell("group_adduser", group, user, tuple(sorted(roles)))


def tell_removed(group: AccessGroup, user: User, roles: Iterable[str]) -> None:
    """Tell, after the commit, that the person, who had these roles, is no member any more."""
    _tell("group_removeuser", group, user, tuple(sorted(roles)))


def _tell(hook: str, group: AccessGroup, user: User, roles: tuple[str, ...]) -> None:
    current_engine().hooks.notify(
        hook,
        group=group,
        user=user,
        roles=roles,
        membership=MembershipSnapshot(
            group_id=group.group_id, group_name=group.name, user=snapshot(user), roles=roles
        ),
    )
