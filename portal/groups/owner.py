"""Groups as owners of plugin pages: how the engine's router finds the group of an address (design 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from portal.core.database import db
from portal.core.errors import NotFound
from portal.groups.models import Group, GroupPlugin
from portal.groups.queries import find_group, find_group_by_id
from portal.pluginengine.routing import OwnerKind
from portal.web.current import current

#: Keys are 32-bit integers on PostgreSQL; a longer number names no group.
LARGEST_KEY = 2**31 - 1


def find_owner(text: str, is_id: bool) -> Group | None:
    """Return the group that the address names, as the viewer sees it, or None."""
    try:
        if not is_id:
            return find_group(text, current.viewer)
        if text.isascii() and text.isdecimal() and int(text) <= LARGEST_KEY:
            return find_group_by_id(int(text), current.viewer)
    except NotFound:
        pass
    return None


def plugin_choices(plugin_id: int) -> Iterator[Mapping[str, object]]:
    """Yield what groups chose about a plugin, by name, for its export."""
    query = select(Group.name, GroupPlugin.used).join_from(GroupPlugin, Group)
    own = query.where(GroupPlugin.plugin_id == plugin_id).order_by(Group.name)
    for each in db.session.execute(own):
        yield {"group": each.name, "used": each.used}


def enter(group: Group) -> None:
    """Make this the group that the running page belongs to."""
    current.group = group


GROUP_PAGES = OwnerKind(
    part="group",
    query="group_id",
    find=find_owner,
    name=lambda group: str(group.name),
    enter=enter,
    current=lambda: current.group,
)
