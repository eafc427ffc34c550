"""Makes people and groups for tests, active unless asked otherwise; flushes, never commits."""

from __future__ import annotations

from portal.access.services import add_member, create_stock_roles, grant_system
from portal.accounts.models import User
from portal.accounts.services import create_user
from portal.core.clock import now
from portal.core.database import db
from portal.groups.models import Group

PASSWORD = "portal-demo"


def make_user(user_name: str, *, status: str = "A", admin: bool = False) -> User:
    """Make a person who logs in with PASSWORD; ``admin`` makes a site admin."""
    user = create_user(
        user_name,
        user_name.title(),
        f"{user_name}@example.org",
        PASSWORD,
        status=status,
    )
    if admin:
        grant_system(user, "system.administer")
    return user


def make_group(name: str, *, is_public: bool = True, status: str = "A", **members: User) -> Group:
    """Make a group with the stock roles; ``admin=alice, developer=bob`` makes members."""
    group = Group(
        name=name,
        full_name=name.title(),
        full_name_ci=name,
        description=f"The group {name}.",
        is_public=is_public,
        status=status,
        approved_at=now() if status == "A" else None,
    )
    db.session.add(group)
    db.session.flush()
    create_stock_roles(group)
    for role, user in members.items():
        add_member(group, user, role.title())
    return group
