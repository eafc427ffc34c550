"""Reads of greetings, each limited to what its reader may see."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from portal.pluginapi import Group, User, db, visible_groups

from .models import Greeting


def greetings_in(group: Group) -> Select[tuple[Greeting]]:
    """Return a SELECT of a group's greetings with their authors."""
    query = select(Greeting).options(joinedload(Greeting.author))
    return query.where(Greeting.group_id == group.group_id)


def greetings_by(user: User) -> Select[tuple[Greeting]]:
    """Return a SELECT of a person's greetings, in groups where the viewer may read them."""
    groups = visible_groups(using=True).with_only_columns(Group.group_id)
    query = select(Greeting).options(joinedload(Greeting.group))
    return query.where(Greeting.user_id == user.user_id, Greeting.group_id.in_(groups))


def newest_greeting(group: Group) -> Greeting | None:
    """Return a group's newest greeting, or None."""
    return db.session.scalar(greetings_in(group).order_by(Greeting.greeting_id.desc()).limit(1))


def find_greeting(group: Group, greeting_id: int) -> Greeting | None:
    """Return a greeting of this group, or None: another group's is not to be had through this one."""
    return db.session.scalar(greetings_in(group).where(Greeting.greeting_id == greeting_id))


def greeted_groups() -> Select[tuple[Group]]:
    """Return a SELECT of the groups in which somebody has left a greeting."""
    return visible_groups().where(Group.group_id.in_(select(Greeting.group_id)))


def count_greetings(groups: Sequence[Group]) -> dict[int, int]:
    """Return the number of greetings by group id."""
    query = select(Greeting.group_id, func.count()).group_by(Greeting.group_id)
    query = query.where(Greeting.group_id.in_([group.group_id for group in groups]))
    return dict(db.session.execute(query).all())
