"""The blueprint of group pages; it loads the group of the address before any view runs."""

from __future__ import annotations

from flask import Blueprint, request

from portal.groups.queries import find_group
from portal.web.current import current

bp = Blueprint("groups", __name__, url_prefix="/groups")


@bp.before_request
def enter_group() -> None:
    """Take the group's name out of the address and make the group the current one.

    Raises ``NotFound`` for a group that does not exist for the viewer, whatever page was asked for.
    """
    name = (request.view_args or {}).pop("name", None)
    if name is not None:
        current.group = find_group(name, current.viewer)
