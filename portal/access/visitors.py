"""What a public group gives to people who are no members: its two pseudo-roles (forge 4.0).

A group's ``is_public`` opens both: everybody may then see the group, anonymous visitors hold what the
role "anonymous" gives, people with an account what both give. While the group is private, neither
gives anything, and both are kept. They come with the group's row, so asking costs no SELECT.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, select

from portal.access.held import Grant, Held, hold
from portal.access.models import ANONYMOUS, LOGGED_IN, MEMBER, Role, RolePermission
from portal.access.permissions import GROUP_READ
from portal.core.database import db
from portal.core.unit_of_work import current_unit

#: The two pseudo-roles, the wider one last.
VISITOR_KINDS = (ANONYMOUS, LOGGED_IN)


@dataclass(frozen=True)
class Visitors:
    """What visitors of a group hold while it is public, inheritance included."""

    anonymous: Held
    logged_in: Held


def visitor_grants(group_id: int) -> Visitors:
    """Return what visitors of the group hold; one SELECT unless it came with the group's row."""
    known: Visitors | None = current_unit().cache.get(_key(group_id))
    if known is None:
        lines = db.session.scalars(_lines(group_id)).all()
        known = _remember(group_id, lines)
    return known


def visitor_grants_text(group_id: Any) -> ColumnElement[str | None]:
    """Return a column that brings the pseudo-roles along with the row of their group."""
    line = _lines(group_id).selected_columns[0]
    return (
        _lines(group_id)
        .with_only_columns(func.aggregate_strings(line, "\n"))
        .correlate(group_id.class_.__table__)
        .scalar_subquery()
    )


def remember_visitor_grants(group_id: int, text: str | None) -> None:
    """Keep what came along as ``visitor_grants_text`` for the rest of the unit of work."""
    _remember(group_id, (text or "").split("\n") if text else ())


def _lines(group_id: Any) -> Select[str]:
    """One text per grant: kind of the role, permission, kind of the object, its key."""
    line: Any = Role.kind
    for part in (RolePermission.permission, RolePermission.object_kind, RolePermission.object_id):
        line = line.concat(" ").concat(cast(part, String))
    return (
        select(line)
        .join(RolePermission, RolePermission.role_id == Role.role_id)
        .where(Role.group_id == group_id, Role.kind != MEMBER)
    )


def _remember(group_id: int, lines: Iterable[str]) -> Visitors:
    given: dict[str, list[Grant]] = {kind: [] for kind in VISITOR_KINDS}
    for line in lines:
        kind, permission, object_kind, object_id = line.split(" ")
        given[kind].append((permission, object_kind, int(object_id)))
    everybody: Grant = (GROUP_READ, "", 0)
    anonymous = [everybody, *given[ANONYMOUS]]
    logged_in = [*anonymous, *given[LOGGED_IN]]
    visitors = Visitors(hold(anonymous, for_visitors=True), hold(logged_in, for_visitors=True))
    current_unit().cache[_key(group_id)] = visitors
    return visitors


def _key(group_id: int) -> tuple[str, int]:
    return ("access.visitors", group_id)
