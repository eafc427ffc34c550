"""One page of the current group's members, as both member lists show it."""

from __future__ import annotations

from flask import request, url_for

from portal.access.queries import Member, members_of
from portal.web.current import current
from portal.web.paging import Page

MEMBERS_PER_PAGE = 50


def member_page(endpoint: str) -> Page[Member]:
    """Return the members after the place in the address, administrators first; one SELECT.

    The list is read forwards: its ``previous_url`` is that of the first page.
    """
    name = current.group.name
    place = _place(request.args.get("after", ""))
    found = members_of(current.group.group_id, limit=MEMBERS_PER_PAGE + 1, after=place)
    members = found[:MEMBERS_PER_PAGE]
    next_url = ""
    if len(found) > len(members):
        is_admin, user_name = members[-1].place
        next_url = url_for(endpoint, name=name, after=f"{int(is_admin)}.{user_name}")
    return Page(
        items=members,
        previous_url=url_for(endpoint, name=name) if place else "",
        next_url=next_url,
    )


def _place(text: str) -> tuple[bool, str] | None:
    """Read ``<1 for administrators, else 0>.<user name>``; None for anything else."""
    is_admin, dot, user_name = text.partition(".")
    if not dot or is_admin not in ("0", "1") or "\0" in user_name:
        return None
    return is_admin == "1", user_name[:64]
