"""Roles and grants (spec 3.3.5).

A role belongs to one group, or to the site when ``group_id`` is NULL. A person is a member of a
group when they hold at least one of its roles.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model


class Role(Model):
    """A named set of permissions; names are unique in their group."""

    __tablename__ = "roles"
    __table_args__ = (
        UniqueConstraint("group_id", "name"),
        CheckConstraint("scope IN ('system', 'group')", name="scope"),
    )

    role_id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str] = mapped_column(String(255), default="")


class RolePermission(Model):
    """A permission that a role gives; ids that no plugin declares at the moment are kept."""

    __tablename__ = "role_permissions"
    __table_args__ = (UniqueConstraint("role_id", "permission"),)

    role_permission_id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.role_id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(String(255))


class UserRole(Model):
    """A person holds a role since ``granted_at``."""

    __tablename__ = "user_roles"
    __table_args__ = (UniqueConstraint("user_id", "role_id"),)

    user_role_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(
        ForeignKey("roles.role_id", ondelete="CASCADE"), index=True
    )
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class UserPermission(Model):
    """A system permission granted to one person directly (M-28: users and roles)."""

    __tablename__ = "user_permissions"
    __table_args__ = (UniqueConstraint("user_id", "permission"),)

    user_permission_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(String(255))
