"""Telling plugins what becomes of a group, and asking them before."""

from __future__ import annotations

from collections.abc import Mapping

from portal.core.errors import Conflict, Invalid
from portal.groups.models import Group
from portal.groups.snapshots import GroupSnapshot
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import Veto


def ask_updating(group: Group, values: Mapping[str, object]) -> None:
    """Ask whether the group may tell this about itself; raises ``Invalid`` with the objection."""
    try:
        current_engine().hooks.check("group_updating", group=group, values=dict(values))
    except Veto as veto:
        raise Invalid({veto.field or "full_name": [veto.message]}) from None


def ask_deleting(group: Group) -> None:
    """Ask whether a deleted group may go for good; raises ``Conflict`` with the objection."""
    try:
        current_engine().hooks.check("group_deleting", group=group)
    except Veto as veto:
        raise Conflict(veto.message) from None


def tell_created(group: Group) -> None:
    """Tell, after the commit, that the group was registered."""
    current_engine().hooks.notify("group_create", group=group)


def tell_updated(group: Group, before: GroupSnapshot) -> None:
    """Tell, after the commit, that the group's information changed."""
    current_engine().hooks.notify("group_update", group=group, before=before)


def tell_status(group: Group, before: GroupSnapshot) -> None:
    """Tell, after the commit, that the group is in another state."""
    current_engine().hooks.notify(
        "group_setstatus", group=group, before=before, status=group.status
    )


def tell_approved(group: Group) -> None:
    """Tell, after the commit, that the group exists from now on (seed 004)."""
    current_engine().hooks.notify("group_approved", group=group)


def tell_deleted(before: GroupSnapshot) -> None:
    """Tell, after the commit, that the group is gone."""
    current_engine().hooks.notify("group_delete", group=before)
