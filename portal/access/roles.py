"""Writes to roles: make, change and delete them; whoever calls has asked ``can()`` before.

``group`` is the group that the role belongs to, or None for a role of the site. Names are unique
there. What is implied by another permission of the role is not stored beside it; ids that nobody
declares at the moment (a disabled plugin's), and those that are not displayed, are kept (spec 3.3.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from contextlib import AbstractContextManager, nullcontext

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from portal.access.actions import ROLE_CREATE, ROLE_DELETE, ROLE_UPDATE, role_subject
from portal.access.decisions import AccessGroup
from portal.access.grants import forget_all_grants
from portal.access.lastadmins import administrator_kept, site_admin_kept
from portal.access.models import (
    ANONYMOUS,
    ANYWHERE,
    LOGGED_IN,
    MEMBER,
    Role,
    RolePermission,
    UserRole,
)
from portal.access.permissions import (
    GROUP_ADMINISTER,
    SYSTEM_ADMINISTER,
    check_permissions,
    current_permissions,
)
from portal.access.queries import permissions_of_role
from portal.access.stockroles import STOCK_ROLES, VISITOR_PERMISSIONS
from portal.core.audit.recording import record
from portal.core.database import db
from portal.core.errors import Conflict, Invalid
from portal.core.visibletext import unseen_faults

LONGEST_ROLE_NAME = 64
LONGEST_ROLE_DESCRIPTION = 255


def create_role(
    group: AccessGroup | None, name: str, permissions: Iterable[str], description: str = ""
) -> Role:
    """Add a role to the group, or to the site.

    Raises ``Invalid`` for an empty, too long or taken name, for no permission at all and for ids
    that are not registered permissions of the scope.
    """
    role = Role(scope=_scope(group), group_id=group.group_id if group else None, kind=MEMBER)
    _describe(role, name, description)
    wanted = set(permissions)
    _check_some(role, wanted)
    db.session.add(role)
    _flush_name(role)
    given = _give(role, wanted)
    record(ROLE_CREATE, role_subject(role), group=group, new=_facts(role, given))
    return role


def create_stock_roles(group: AccessGroup) -> dict[str, Role]:
    """Give a new group its first roles, those of its visitors too; returns the named ones by name."""
    for kind in (ANONYMOUS, LOGGED_IN):
        role = Role(scope="group", group_id=group.group_id, kind=kind, name=kind, description="")
        db.session.add(role)
        db.session.flush()
        _give(role, set(VISITOR_PERMISSIONS[kind]))
    return {
        stock.name: create_role(group, stock.name, stock.permissions, stock.description)
        for stock in STOCK_ROLES
    }


def update_role(
    group: AccessGroup | None,
    role: Role,
    *,
    name: str,
    description: str,
    permissions: Iterable[str],
) -> bool:
    """Change a role of the group, or of the site; False when nothing differs.

    Raises ``Invalid`` as ``create_role`` does, and ``Conflict`` when the last administrator is one by
    this role and would not stay one.
    """
    _check_home(group, role)
    old = _facts(role)
    wanted = set(permissions)
    _check_some(role, wanted, _kept(role))
    with _administrators_kept(group, role, wanted):
        _describe(role, name, description)
        _flush_name(role)
        _store(role, wanted)
    return _note_update(group, role, old)


def update_visitor_role(group: AccessGroup, role: Role, permissions: Iterable[str]) -> bool:
    """Change what visitors of the group hold while it is public; False when nothing differs.

    Raises ``Invalid`` for ids that are not registered, or are for members only.
    """
    _check_home(group, role)
    old = _facts(role)
    wanted = set(permissions)
    check_permissions(wanted, "group")
    registry = current_permissions()
    if not all(registry.is_for_visitors(each) for each in wanted):
        raise Invalid({"permissions": [_("This is for members only.")]})
    _store(role, wanted)
    return _note_update(group, role, old)


def delete_role(group: AccessGroup | None, role: Role) -> None:
    """Delete a role of the group, or of the site, that nobody holds; raises ``Conflict`` otherwise."""
    _check_home(group, role)
    if role.kind != MEMBER:
        raise Conflict(_("The roles of visitors cannot be deleted."))
    db.session.execute(select(Role.role_id).where(Role.role_id == role.role_id).with_for_update())
    holders = db.session.scalar(
        select(func.count()).select_from(UserRole).where(UserRole.role_id == role.role_id)
    )
    if holders:
        raise Conflict(
            _("Somebody has the role %(role)s.", role=role.name),
            _("Give those people another role first."),
        )
    record(ROLE_DELETE, role_subject(role), group=group, old=_facts(role))
    db.session.delete(role)
    db.session.flush()


def _scope(group: AccessGroup | None) -> str:
    return "system" if group is None else "group"


def _check_home(group: AccessGroup | None, role: Role) -> None:
    """Refuse a role of somewhere else, whatever the address said (forge 4.0)."""
    if role.group_id != (group.group_id if group else None):
        raise Invalid({"role": [_("This role belongs elsewhere.")]})


def _describe(role: Role, name: str, description: str) -> None:
    name, description = " ".join(name.split()), " ".join(description.split())
    if not 0 < len(name) <= LONGEST_ROLE_NAME or not name.isprintable():
        rule = _("A role's name has 1 to %(most)d characters.", most=LONGEST_ROLE_NAME)
        raise Invalid({"name": [rule]})
    if len(description) > LONGEST_ROLE_DESCRIPTION:
        rule = _("A description has at most %(most)d characters.", most=LONGEST_ROLE_DESCRIPTION)
        raise Invalid({"description": [rule]})
    for field, text in (("name", name), ("description", description)):
        faults = unseen_faults(text)
        if faults:
            raise Invalid({field: faults})
    with db.session.no_autoflush:
        if _is_taken(role, name):
            raise Invalid({"name": [_("There is a role %(name)s already.", name=name)]})
    role.name, role.description = name, description


def _is_taken(role: Role, name: str) -> bool:
    """Tell whether another role of the same place has the name, whatever the case of its letters."""
    names = db.session.execute(
        select(Role.role_id, Role.name).where(Role.group_id.is_not_distinct_from(role.group_id))
    )
    return any(
        each.role_id != role.role_id and each.name.casefold() == name.casefold() for each in names
    )


def _check_some(role: Role, wanted: Set[str], kept: Set[str] = frozenset()) -> None:
    check_permissions(wanted, role.scope)
    if not wanted and not kept:
        raise Invalid({"permissions": [_("A role gives at least one permission.")]})


def _kept(role: Role) -> frozenset[str]:
    return current_permissions().not_offered(permissions_of_role(role.role_id))


def _administrators_kept(
    group: AccessGroup | None, role: Role, wanted: set[str]
) -> AbstractContextManager[None]:
    administration = SYSTEM_ADMINISTER if group is None else GROUP_ADMINISTER
    if administration in wanted or administration not in permissions_of_role(role.role_id):
        return nullcontext()
    return site_admin_kept() if group is None else administrator_kept(group.group_id)


def _give(role: Role, wanted: set[str]) -> list[str]:
    """Write down what a new role gives, and return it, in order."""
    given = sorted(current_permissions().without_implied(wanted))
    db.session.add_all(
        RolePermission(role_id=role.role_id, permission=permission) for permission in given
    )
    db.session.flush()
    forget_all_grants()
    return given


def _store(role: Role, wanted: Iterable[str]) -> None:
    """Make these the role's permissions; what it gives for single objects is not touched."""
    stored = set(permissions_of_role(role.role_id))
    now = current_permissions().without_implied(set(wanted)) | _kept(role)
    for permission in sorted(now - stored):
        db.session.add(RolePermission(role_id=role.role_id, permission=permission))
    db.session.execute(
        delete(RolePermission).where(
            RolePermission.role_id == role.role_id,
            RolePermission.object_kind == ANYWHERE,
            RolePermission.permission.in_(stored - now),
        )
    )
    db.session.flush()
    forget_all_grants()


def _facts(role: Role, permissions: list[str] | None = None) -> dict[str, object]:
    """Return what the audit log keeps of a role; its permissions are read when they are not at hand."""
    if permissions is None:
        permissions = permissions_of_role(role.role_id)
    return {"name": role.name, "description": role.description, "permissions": permissions}


def _note_update(group: AccessGroup | None, role: Role, old: dict[str, object]) -> bool:
    new = _facts(role)
    if new == old:
        return False
    record(ROLE_UPDATE, role_subject(role), group=group, old=old, new=new)
    return True


def _flush_name(role: Role) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            _("Somebody made a role %(name)s at the same moment.", name=role.name),
            _("Choose another name and try again."),
        ) from error
