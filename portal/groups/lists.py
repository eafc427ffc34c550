"""The lists of group pages: groups, and what happened in a group (forge 4.8)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.core.audit.models import AuditEntry
from portal.groups.models import ACTIVE, DELETED, HOLD, INCOMPLETE, PENDING, Group
from portal.groups.queries import has_word
from portal.web import auditlists
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

GROUPS, HISTORY = "groups", "group_history"

GROUP_STATES: tuple[tuple[str, LazyString], ...] = (
    (INCOMPLETE, _l("Incomplete")),
    (PENDING, _l("Awaiting approval")),
    (ACTIVE, _l("Active")),
    (HOLD, _l("On hold")),
    (DELETED, _l("Deleted")),
)

GROUP_LIST = ListView(
    name=GROUPS,
    key=Group.group_id,
    default_sort="full_name",
    search=has_word,
    search_label=_l("Words in a group's name or description"),
    columns=(
        Column(
            key="full_name",
            title=_l("Full name"),
            sort=sorted_by(Group.full_name_ci, is_unique=True),
            filter=Filter(by=Group.full_name_ci, is_folded=True),
        ),
        Column(
            key="name",
            title=_l("Name in addresses"),
            sort=sorted_by(Group.name, is_unique=True),
            filter=Filter(by=Group.name, is_folded=True),
        ),
        Column(key="description", title=_l("Description")),
        Column(key="is_public", title=_l("Public"), kind="bool", filter=Filter(by=Group.is_public)),
        Column(
            key="member_count",
            title=_l("Members"),
            kind="number",
            sort=sorted_by(Group.member_count),
            filter=Filter(by=Group.member_count),
            align="end",
        ),
        Column(
            key="created_at",
            title=_l("Registered"),
            kind="date",
            sort=sorted_by(Group.created_at),
            filter=Filter(by=Group.created_at),
        ),
    ),
)

HISTORY_LIST = ListView(
    name=HISTORY,
    key=AuditEntry.audit_id,
    rows=50,
    default_sort="happened_at",
    default_descending=True,
    columns=(
        auditlists.HAPPENED_AT,
        auditlists.ACTOR,
        auditlists.ACTION,
        auditlists.OBJECT_NAME,
        auditlists.CHANGES,
        auditlists.OLD,
        auditlists.NEW,
    ),
)

LISTS = (GROUP_LIST, HISTORY_LIST)
