"""The last administrator stays: of a group, and of the site. Whatever may take one away runs in here.

Each check holds a lock until the transaction ends, so that two administrators who demote each other
at the same moment do not leave nobody. On SQLite a writing transaction is alone anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CompoundSelect, select, union

from portal.access.models import (
    ANYWHERE,
    MemberPermission,
    Role,
    RolePermission,
    UserPermission,
    UserRole,
)
from portal.access.permissions import GROUP_ADMINISTER, SYSTEM_ADMINISTER
from portal.accounts.models import ACTIVE, User
from portal.core.database import db
from portal.core.errors import Conflict


@contextmanager
def administrator_kept(group_id: int, user: User | None = None) -> Iterator[None]:
    """Undo what the block does, and raise ``Conflict``, when the group loses its last administrator.

    ``user`` is who loses something in the block, for the text; None: all who hold a role.
    """
    hold_roles(group_id)
    had_one = _is_somebody(_administrators(group_id))
    with db.session.begin_nested():
        yield
        db.session.flush()
        if had_one and not _is_somebody(_administrators(group_id)):
            raise Conflict(
                _("%(user)s is the last administrator of this group.", user=user.user_name)
                if user
                else _("By this role the last administrator of this group is one."),
                _("Make somebody else administrator first."),
            )


@contextmanager
def site_admin_kept(user: User | None = None) -> Iterator[None]:
    """Undo what the block does, and raise ``Conflict``, when the site loses its last site admin."""
    _hold_site_admins()
    had_one = _is_somebody(_site_admins())
    with db.session.begin_nested():
        yield
        db.session.flush()
        if had_one and not _is_somebody(_site_admins()):
            raise _last_site_admin(user)


def keep_site_admin(user: User, status: str) -> None:
    """Raise ``Conflict`` when ``user``, about to go to ``status``, is the last active site admin."""
    if not user.is_active or status == ACTIVE:
        return
    _hold_site_admins()
    if _is_somebody(_site_admins()) and not _is_somebody(_site_admins(), but=user):
        raise _last_site_admin(user)


def administrators_of(group_id: int) -> Sequence[User]:
    """Return the active administrators of the group, by login name."""
    query = select(User).where(User.user_id.in_(_administrators(group_id)), User.status == ACTIVE)
    return db.session.scalars(query.order_by(User.user_name)).all()


def hold_roles(group_id: int) -> None:
    """Let nobody else change who holds which role of the group until the transaction ends."""
    db.session.scalars(
        select(Role.role_id)
        .where(Role.group_id == group_id)
        .order_by(Role.role_id)
        .with_for_update(key_share=True)
    ).all()


def active_site_admins() -> Sequence[User]:
    """Return the site admins whose accounts are active, by login name. One SELECT."""
    query = select(User).where(User.user_id.in_(_site_admins()), User.status == ACTIVE)
    return db.session.scalars(query.order_by(User.user_name)).all()


def _last_site_admin(user: User | None) -> Conflict:
    return Conflict(
        _("%(user)s is the last site admin.", user=user.user_name)
        if user
        else _("By this role the last site admin is one."),
        _("Make somebody else site admin first."),
    )


def _hold_site_admins() -> None:
    db.session.scalars(
        select(User.user_id)
        .where(User.user_id.in_(_site_admins()))
        .order_by(User.user_id)
        .with_for_update(key_share=True)
    ).all()


def _is_somebody(users: CompoundSelect[Any], but: User | None = None) -> bool:
    """Tell whether one of the users is active, ``but`` left out."""
    found = select(User.user_id).where(User.user_id.in_(users), User.status == ACTIVE)
    if but is not None:
        found = found.where(User.user_id != but.user_id)
    return bool(db.session.scalar(select(found.exists())))


def _administrators(group_id: int) -> CompoundSelect[Any]:
    by_role = (
        select(UserRole.user_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .join(RolePermission, RolePermission.role_id == Role.role_id)
        .where(
            Role.group_id == group_id,
            RolePermission.permission == GROUP_ADMINISTER,
            RolePermission.object_kind == ANYWHERE,
        )
    )
    directly = select(MemberPermission.user_id).where(
        MemberPermission.group_id == group_id,
        MemberPermission.permission == GROUP_ADMINISTER,
        MemberPermission.object_kind == ANYWHERE,
    )
    return union(by_role, directly)


def _site_admins() -> CompoundSelect[Any]:
    by_role = (
        select(UserRole.user_id)
        .join(Role, Role.role_id == UserRole.role_id)
        .join(RolePermission, RolePermission.role_id == Role.role_id)
        .where(Role.scope == "system", RolePermission.permission == SYSTEM_ADMINISTER)
    )
    directly = select(UserPermission.user_id).where(UserPermission.permission == SYSTEM_ADMINISTER)
    return union(by_role, directly)
