"""Makes people, groups, memberships and audit entries by the thousand, for long tests and benchmarks.

Rows are written in bulk, past the services: names are plausible, rules are kept, hooks are silent. A
given number always makes the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, update

from portal.access.models import Role, UserRole
from portal.access.roles import create_stock_roles
from portal.access.stockroles import ADMIN, DEVELOPER, READER
from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.core.ordering import folded
from portal.groups.models import ACTIVE, Group

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
FIRST = [
    "Ada",
    "Björn",
    "Chloé",
    "Dmitri",
    "Élodie",
    "Fatima",
    "Gérard",
    "Hiroshi",
    "Ívar",
    "José",
    "Łucja",
    "Müge",
    "Ñusta",
    "Øyvind",
]
LAST = [
    "Andersson",
    "Çelik",
    "Dvořák",
    "Eriksen",
    "Fernández",
    "Großmann",
    "Hélène",
    "Ilić",
    "Jørgensen",
    "Kovács",
    "Łoś",
    "Öz",
]
WORDS = [
    "open",
    "atlas",
    "river",
    "signal",
    "orbit",
    "harvest",
    "mirror",
    "cedar",
    "lantern",
    "delta",
    "compass",
    "ember",
]
PORTION = 1000
#: One group has everybody in it, so that a members' list can be as long as the list of people.
EVERYBODY = "everybody"


def make_site(people: int, groups: int, entries: int = 0) -> None:
    """Fill the database with so many people and groups, in the running unit of work.

    The first group, ``everybody``, has all people as members, the others five each; every 50th account
    is suspended, every tenth group private, every 20th awaits approval.
    """
    random = Random(f"{people} {groups}")
    _insert(User, _people(people, random))
    users = list(db.session.scalars(select(User.user_id).order_by(User.user_id)))
    everybody = Group(name=EVERYBODY, full_name="Everybody", full_name_ci=EVERYBODY, status=ACTIVE)
    db.session.add(everybody)
    db.session.flush()
    create_stock_roles(everybody)
    _insert(Group, _groups(groups - 1, random))
    roles = _roles(everybody.group_id)
    _insert(UserRole, _memberships(users, roles, everybody.group_id, random))
    _insert(AuditEntry, _entries(entries, users, sorted(roles), random))
    counts = (
        select(Role.group_id, func.count(func.distinct(UserRole.user_id)).label("members"))
        .join(UserRole, UserRole.role_id == Role.role_id)
        .where(Role.group_id.is_not(None))
        .group_by(Role.group_id)
        .subquery()
    )
    counted = update(Group).where(Group.group_id == counts.c.group_id)
    db.session.execute(
        counted.values(member_count=counts.c.members),
        execution_options={"synchronize_session": False},
    )


def _people(count: int, random: Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        real_name = f"{random.choice(FIRST)} {random.choice(LAST)}"
        email = f"person{number:05}@example.org"
        yield {
            "user_name": f"person{number:05}",
            "real_name": real_name,
            "real_name_ci": folded(real_name),
            "email": email,
            "email_ci": email,
            "status": "S" if number % 50 == 49 else "A",
            "created_at": EPOCH + timedelta(minutes=random.randrange(3_000_000)),
        }


def _groups(count: int, random: Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        first, second = random.sample(WORDS, 2)
        full_name = f"{first.capitalize()} {second.capitalize()} {number}"
        yield {
            "name": f"group{number:05}",
            "full_name": full_name,
            "full_name_ci": folded(full_name),
            "description": f"Works on the {first} of the {second}, in rooms near {number}.",
            "is_public": number % 10 != 0,
            "status": "P" if number % 20 == 19 else "A",
            "created_at": EPOCH + timedelta(minutes=random.randrange(3_000_000)),
        }


def _roles(everybody: int) -> dict[int, dict[str, int]]:
    """Give each group but the first its roles; return the keys of all by group and name."""
    others = db.session.scalars(select(Group.group_id).where(Group.group_id != everybody)).all()
    _insert(
        Role,
        (
            {"scope": "group", "group_id": group_id, "name": name}
            for group_id in others
            for name in (ADMIN, DEVELOPER, READER)
        ),
    )
    roles: dict[int, dict[str, int]] = {}
    for role in db.session.scalars(select(Role).where(Role.group_id.is_not(None))):
        assert role.group_id is not None
        roles.setdefault(role.group_id, {})[role.name] = role.role_id
    return roles


def _memberships(
    users: list[int], roles: dict[int, dict[str, int]], everybody: int, random: Random
) -> Iterator[dict[str, Any]]:
    for number, user_id in enumerate(users):
        name = ADMIN if number in (7, len(users) // 2) else DEVELOPER if number % 3 else READER
        yield {"user_id": user_id, "role_id": roles[everybody][name]}
    for group_id, held in roles.items():
        if group_id != everybody:
            for number, user_id in enumerate(random.sample(users, min(5, len(users)))):
                yield {"user_id": user_id, "role_id": held[READER if number else ADMIN]}


def _entries(
    count: int, users: list[int], groups: list[int], random: Random
) -> Iterator[dict[str, Any]]:
    for number in range(count):
        is_setting = number % 4 == 3
        action = random.choice(("member.add", "group.update", "user.status"))
        yield {
            "happened_at": EPOCH + timedelta(minutes=number),
            "actor_id": random.choice(users),
            "actor_name": f"person{random.randrange(len(users)):05}",
            "action": "plugin.setting" if is_setting else action,
            "object_kind": "setting" if is_setting else "group",
            "object_name": f"helloworld.word{number % 5}"
            if is_setting
            else f"group{number % 97:05}",
            "group_id": groups[0] if number % 2 else random.choice(groups),
            "old_values": {"size": number},
            "new_values": {"size": number + 1},
        }


def _insert(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    portion: list[dict[str, Any]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == PORTION:
            db.session.execute(insert(model), portion)
            portion = []
    if portion:
        db.session.execute(insert(model), portion)
