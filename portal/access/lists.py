"""The list of a group's members: administrators first, then by login name (forge 4.7, 4.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, Select, bindparam, select, union

from portal.access.models import ANYWHERE, MemberPermission, Role, RolePermission, UserRole
from portal.access.permissions import GROUP_ADMINISTER
from portal.accounts.models import ACTIVE, User
from portal.core.database import db
from portal.web.lists.columns import Column, Part, Sort, sorted_by
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

MEMBERS = "members"
#: The group whose members are listed; its value comes with each reading (``of_group``).
GROUP_ID = bindparam("list_group_id", type_=Integer)

_ROLES = select(UserRole.user_id).join(Role, Role.role_id == UserRole.role_id)
_MEMBERS = _ROLES.where(Role.group_id == GROUP_ID)
_ADMINISTRATORS = union(
    _MEMBERS.join(RolePermission, RolePermission.role_id == Role.role_id).where(
        RolePermission.permission == GROUP_ADMINISTER, RolePermission.object_kind == ANYWHERE
    ),
    select(MemberPermission.user_id).where(
        MemberPermission.group_id == GROUP_ID,
        MemberPermission.permission == GROUP_ADMINISTER,
        MemberPermission.object_kind == ANYWHERE,
    ),
)


def listed_members() -> Select[User, int | None]:
    """Return a SELECT of a group's active members as rows (User, group_id); ``of_group`` says which."""
    return select(User, GROUP_ID.label("group_id")).where(
        User.status == ACTIVE, User.user_id.in_(_MEMBERS)
    )


def of_group(group_id: int) -> dict[str, Any]:
    """Return the parameters with which the list reads this group's members."""
    return {"list_group_id": group_id}


def _roles(rows: Sequence[Any]) -> Mapping[int, list[str]]:
    """Return the names of the roles that each person of a page holds in the group, in order."""
    keys = [row.User.user_id for row in rows]
    found = db.session.execute(
        select(UserRole.user_id, Role.name)
        .join(Role, Role.role_id == UserRole.role_id)
        .where(Role.group_id == rows[0].group_id, UserRole.user_id.in_(keys))
        .order_by(Role.name)
    )
    roles: dict[int, list[str]] = {}
    for user_id, name in found:
        roles.setdefault(user_id, []).append(name)
    return roles


def _holds_role(op: str, name: str) -> ColumnElement[bool]:
    is_named = Role.name == name if op == "eq" else Role.name.icontains(name, autoescape=True)
    return User.user_id.in_(_MEMBERS.where(is_named))


def _matches(word: str) -> ColumnElement[bool]:
    return User.user_name.contains(word.lower(), autoescape=True) | User.real_name_ci.contains(
        word.casefold(), autoescape=True
    )


MEMBER_LIST = ListView(
    name=MEMBERS,
    key=User.user_id,
    rows=50,
    is_narrow=True,
    default_sort="user_name",
    search=_matches,
    search_label=_l("Login name or name"),
    columns=(
        Column(
            key="user_name",
            title=_l("Login name"),
            value=lambda row: row.User.user_name,
            link=lambda row: url_for("home.show_profile", user_name=row.User.user_name),
            sort=Sort(
                parts=(
                    Part(
                        by=User.user_name,
                        narrow=lambda rows: rows.where(User.user_id.in_(_ADMINISTRATORS)),
                    ),
                    Part(
                        by=User.user_name,
                        narrow=lambda rows: rows.where(User.user_id.not_in(_ADMINISTRATORS)),
                    ),
                ),
                is_unique=True,
            ),
            filter=Filter(by=User.user_name, is_folded=True),
        ),
        Column(
            key="real_name",
            title=_l("Name"),
            value=lambda row: row.User.real_name,
            sort=sorted_by(User.real_name_ci),
            filter=Filter(by=User.real_name_ci, is_folded=True),
        ),
        Column(key="roles", title=_l("Roles"), load=_roles, filter=Filter(where=_holds_role)),
    ),
)
