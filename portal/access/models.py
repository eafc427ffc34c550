"""Roles and grants (spec 3.3.5).

A role belongs to one group, or to the site when ``group_id`` is NULL. A person is a member of a
group when they hold at least one of its roles. Two roles of each group are held by nobody in
particular: what they give, everybody has who comes to the group while it is public (forge 4.0).

A permission may be given for one object alone (a tracker, a repository): its kind and key stand
beside it. An empty kind with key 0 means the whole group, so that uniqueness holds without NULL.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.clock import UtcDateTime, now
from portal.core.database import Model
from portal.core.ordering import ordered_text

MEMBER, ANONYMOUS, LOGGED_IN = "member", "anonymous", "loggedin"
ANYWHERE, NO_OBJECT = "", 0


class Role(Model):
    """A named set of permissions; names are unique in their group, and among the site's.

    ``kind`` is "member" for a role that people are given, else "anonymous" or "loggedin".
    """

    __tablename__ = "roles"
    __table_args__ = (
        UniqueConstraint("group_id", "name"),
        CheckConstraint("scope IN ('system', 'group')", name="scope"),
        CheckConstraint("kind IN ('member', 'anonymous', 'loggedin')", name="kind"),
        Index(
            "uq_roles_site_name",
            "name",
            unique=True,
            sqlite_where=text("group_id IS NULL"),
            postgresql_where=text("group_id IS NULL"),
        ),
    )

    role_id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16), default=MEMBER)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(ordered_text(64))
    description: Mapped[str] = mapped_column(String(255), default="")


class RolePermission(Model):
    """A permission that a role gives; ids that no plugin declares at the moment are kept."""

    __tablename__ = "role_permissions"
    __table_args__ = (
        UniqueConstraint(
            "role_id",
            "permission",
            "object_kind",
            "object_id",
            name="uq_role_permissions_grant",
        ),
        Index(None, "object_kind", "object_id"),
    )

    role_permission_id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.role_id", ondelete="CASCADE"))
    permission: Mapped[str] = mapped_column(String(255))
    object_kind: Mapped[str] = mapped_column(String(32), default=ANYWHERE)
    object_id: Mapped[int] = mapped_column(default=NO_OBJECT)


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


class MemberPermission(Model):
    """A permission granted to one member of a group directly, beside what their roles give.

    It goes with the membership, and counts for nothing without one.
    """

    __tablename__ = "member_permissions"
    __table_args__ = (
        UniqueConstraint(
            "group_id",
            "user_id",
            "permission",
            "object_kind",
            "object_id",
            name="uq_member_permissions_grant",
        ),
        Index(None, "object_kind", "object_id"),
    )

    member_permission_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), index=True
    )
    permission: Mapped[str] = mapped_column(String(255))
    object_kind: Mapped[str] = mapped_column(String(32), default=ANYWHERE)
    object_id: Mapped[int] = mapped_column(default=NO_OBJECT)


class JoinRequest(Model):
    """A person asks to be taken into a group; the row is there while nobody has answered (forge 4.7)."""

    __tablename__ = "join_requests"
    __table_args__ = (UniqueConstraint("group_id", "user_id"),)

    request_id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), index=True
    )
    comment: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
