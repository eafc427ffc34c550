"""The lists of site admin: people, groups, the audit log (forge 4.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, or_, select

from portal.accounts.models import ACTIVE, DELETED, PENDING, SUSPENDED, User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.groups.lists import GROUP_STATES
from portal.groups.models import Group
from portal.groups.queries import has_word
from portal.web import auditlists
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import LARGEST_NUMBER, Filter
from portal.web.lists.registry import ListView

USERS, GROUPS, AUDIT = "users", "all_groups", "audit"
ROWS = 50

ACCOUNT_STATES: tuple[tuple[str, LazyString], ...] = (
    (PENDING, _l("Not confirmed")),
    (ACTIVE, _l("Active")),
    (SUSPENDED, _l("Suspended")),
    (DELETED, _l("Deleted")),
)


def _matches_person(word: str) -> ColumnElement[bool]:
    folded = word.casefold()
    conditions = [
        User.user_name.contains(word.lower(), autoescape=True),
        User.real_name_ci.contains(folded, autoescape=True),
        User.email_ci.contains(folded, autoescape=True),
    ]
    if word.isascii() and word.isdecimal() and int(word) <= LARGEST_NUMBER:
        conditions.append(User.user_id == int(word))
    return or_(*conditions)


def _profile(user: User) -> str:
    if not user.is_active:
        return ""
    return url_for("home.show_profile", user_name=user.user_name)


def _founders(groups: Sequence[Group]) -> Mapping[int, str]:
    """Return who registered each group, by its key."""
    keys = [group.group_id for group in groups]
    found = db.session.execute(
        select(Group.group_id, User.user_name)
        .join(User, User.user_id == Group.registered_by)
        .where(Group.group_id.in_(keys))
    )
    return {row.group_id: row.user_name for row in found}


USER_LIST = ListView(
    name=USERS,
    key=User.user_id,
    rows=ROWS,
    default_sort="user_name",
    search=_matches_person,
    search_label=_l("Login name, name, e-mail address or number"),
    columns=(
        Column(
            key="user_name",
            title=_l("Login name"),
            link=_profile,
            sort=sorted_by(User.user_name, is_unique=True),
            filter=Filter(by=User.user_name, is_folded=True),
        ),
        Column(
            key="real_name",
            title=_l("Name"),
            sort=sorted_by(User.real_name_ci),
            filter=Filter(by=User.real_name_ci, is_folded=True),
        ),
        Column(
            key="email",
            title=_l("E-mail address"),
            sort=sorted_by(User.email_ci, is_unique=True),
            filter=Filter(by=User.email_ci, is_folded=True),
        ),
        Column(
            key="status",
            title=_l("State"),
            kind="choice",
            choices=lambda: ACCOUNT_STATES,
            sort=sorted_by(User.status),
            filter=Filter(by=User.status),
        ),
        Column(
            key="created_at",
            title=_l("Registered"),
            kind="date",
            sort=sorted_by(User.created_at),
            filter=Filter(by=User.created_at),
        ),
    ),
)

GROUP_LIST = ListView(
    name=GROUPS,
    key=Group.group_id,
    rows=ROWS,
    default_sort="name",
    search=has_word,
    search_label=_l("Name or description"),
    columns=(
        Column(
            key="name",
            title=_l("Name in addresses"),
            link=lambda group: url_for("siteadmin.show_group", group_name=group.name),
            sort=sorted_by(Group.name, is_unique=True),
            filter=Filter(by=Group.name, is_folded=True),
        ),
        Column(
            key="full_name",
            title=_l("Full name"),
            sort=sorted_by(Group.full_name_ci, is_unique=True),
            filter=Filter(by=Group.full_name_ci, is_folded=True),
        ),
        Column(
            key="status",
            title=_l("State"),
            kind="choice",
            choices=lambda: GROUP_STATES,
            sort=sorted_by(Group.status),
            filter=Filter(by=Group.status),
        ),
        Column(key="is_public", title=_l("Public"), kind="bool", filter=Filter(by=Group.is_public)),
        Column(
            key="member_count",
            title=_l("Members"),
            kind="number",
            sort=sorted_by(Group.member_count),
            filter=Filter(by=Group.member_count),
            align="end",
        ),
        Column(key="registered_by", title=_l("Registered by"), load=_founders),
        Column(
            key="created_at",
            title=_l("Registered"),
            kind="date",
            sort=sorted_by(Group.created_at),
            filter=Filter(by=Group.created_at),
        ),
    ),
)

AUDIT_LIST = ListView(
    name=AUDIT,
    key=AuditEntry.audit_id,
    rows=ROWS,
    default_sort="happened_at",
    default_descending=True,
    columns=(
        auditlists.HAPPENED_AT,
        auditlists.ACTOR,
        auditlists.ACTION,
        auditlists.OBJECT_KIND,
        auditlists.OBJECT_NAME,
        Column(key="group_name", title=_l("Group"), filter=Filter(by=AuditEntry.group_name)),
        Column(key="address", title=_l("From"), filter=Filter(by=AuditEntry.address)),
        Column(key="request_id", title=_l("Request"), is_shown=False),
        auditlists.OLD,
        auditlists.NEW,
    ),
)

LISTS = (USER_LIST, GROUP_LIST, AUDIT_LIST)
