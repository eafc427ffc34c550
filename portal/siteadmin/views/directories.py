"""All people of the site, as a list with filters."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.accounts.models import User
from portal.siteadmin.lists import USER_LIST
from portal.siteadmin.menu import USERS
from portal.siteadmin.views.blueprint import bp
from portal.web.lists.export import answer_list


@bp.get("/users/")
def list_users() -> ResponseReturnValue:
    """Every account, whatever its state."""
    return answer_list(USER_LIST.name, select(User), "siteadmin/users.html", active_section=USERS)
