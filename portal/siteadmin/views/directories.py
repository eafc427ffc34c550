"""All people and all groups of the site, as lists with filters."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.accounts.models import User
from portal.groups.models import Group
from portal.siteadmin.lists import GROUP_LIST, USER_LIST
from portal.siteadmin.menu import GROUPS, USERS
from portal.siteadmin.views.blueprint import bp
from portal.web.lists.export import answer_list


@bp.get("/users/")
def list_users() -> ResponseReturnValue:
    """Every account, whatever its state."""
    return answer_list(USER_LIST.name, select(User), "siteadmin/users.html", active_section=USERS)


@bp.get("/groups/")
def list_groups() -> ResponseReturnValue:
    """Every group, whatever its state."""
    return answer_list(
        GROUP_LIST.name, select(Group), "siteadmin/groups.html", active_section=GROUPS
    )
