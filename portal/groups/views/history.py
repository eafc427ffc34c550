"""The history of a group, for its administrators: who changed what, with old and new value (forge 4.8)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from portal.access.guards import requires
from portal.core.audit.queries import entries_of_group
from portal.groups.lists import HISTORY_LIST
from portal.groups.menu import ADMIN
from portal.groups.permissions import GROUP_ADMINISTER
from portal.groups.views.blueprint import bp
from portal.web.current import current
from portal.web.lists.export import answer_list


@bp.get("/<name>/admin/history")
@requires(GROUP_ADMINISTER)
def show_history() -> ResponseReturnValue:
    """What happened in the group, the latest first."""
    return answer_list(
        HISTORY_LIST.name,
        entries_of_group(current.group.group_id),
        "groups/admin_history.html",
        group=current.group,
        active_tab=ADMIN,
        active_item="history",
    )
