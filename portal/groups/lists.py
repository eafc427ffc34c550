"""The lists of group pages: groups, what happened in a group, changes of its settings (forge 4.8, 3.3.6)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.models import AuditEntry
from portal.groups import columns
from portal.groups.models import Group
from portal.groups.queries import has_word
from portal.web import auditlists
from portal.web.lists.registry import ListView
from portal.web.settinghistory import history_list

GROUPS, HISTORY = "groups", "group_history"

GROUP_LIST = ListView(
    name=GROUPS,
    key=Group.group_id,
    default_sort="full_name",
    search=has_word,
    search_label=_l("Words in a group's name or description"),
    columns=(
        columns.FULL_NAME,
        columns.NAME,
        columns.DESCRIPTION,
        columns.IS_PUBLIC,
        columns.MEMBER_COUNT,
        columns.CREATED_AT,
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

SETTING_LIST = history_list("group_setting_history")

LISTS = (GROUP_LIST, HISTORY_LIST, SETTING_LIST)
