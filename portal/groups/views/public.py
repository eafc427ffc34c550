"""The group pages that are open to everybody who may see the group: list, summary, members."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from portal.access.decisions import can, is_member
from portal.access.guards import requires
from portal.access.joinrequests import standing
from portal.access.lists import MEMBER_LIST, listed_members, of_group
from portal.access.queries import members_of
from portal.groups.handlers import GROUPS
from portal.groups.lists import GROUP_LIST
from portal.groups.menu import SUMMARY
from portal.groups.permissions import GROUP_SEE_MEMBERS
from portal.groups.queries import visible_groups
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.lists.export import answer_list

MEMBERS_ON_SUMMARY = 10


@bp.get("/")
def list_groups() -> ResponseReturnValue:
    """Every group that the viewer may see; ``q`` narrows it to those with its words."""
    return answer_list(
        GROUP_LIST.name, visible_groups(current.viewer), "groups/list.html", active_menu=GROUPS
    )


@bp.get("/<name>/")
def show_group() -> str:
    """The group's summary: what it is for, who is in it, and what its plugins have to say."""
    sees_members = can(current.viewer, GROUP_SEE_MEMBERS, current.group)
    members = (
        members_of(current.group.group_id, limit=MEMBERS_ON_SUMMARY + 1) if sees_members else []
    )
    return render_template(
        "groups/summary.html",
        group=current.group,
        sees_members=sees_members,
        members=members[:MEMBERS_ON_SUMMARY],
        has_more_members=len(members) > MEMBERS_ON_SUMMARY,
        standing=standing(current.viewer, current.group),
        active_tab=SUMMARY,
    )


@bp.get("/<name>/members")
@requires(GROUP_SEE_MEMBERS)
def list_members() -> ResponseReturnValue:
    """All members of the group, administrators first."""
    return answer_list(
        MEMBER_LIST.name,
        listed_members(),
        "groups/members.html",
        params=of_group(current.group.group_id),
        group=current.group,
        is_member=is_member(current.viewer, current.group),
        active_tab=SUMMARY,
    )
