"""The lists of site admin: groups and the audit log here, people and mails beside (forge 4.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.accounts.models import User
from portal.core.audit.models import AuditEntry
from portal.core.database import db
from portal.groups import columns
from portal.groups.models import Group
from portal.groups.queries import has_word
from portal.siteadmin.maillists import MAIL_LIST
from portal.siteadmin.pluginlog import PLUGIN_LOG_LIST
from portal.siteadmin.settinglist import SETTING_LIST
from portal.siteadmin.userlists import SESSION_LIST, USER_LIST
from portal.web import auditlists
from portal.web.lists.columns import Column
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

GROUPS, AUDIT = "all_groups", "audit"
ROWS = 50


def _founders(groups: Sequence[Group]) -> Mapping[int, str]:
    """Return who registered each group, by its key."""
    keys = [group.group_id for group in groups]
    found = db.session.execute(
        select(Group.group_id, User.user_name)
        .join(User, User.user_id == Group.registered_by)
        .where(Group.group_id.in_(keys))
    )
    return {row.group_id: row.user_name for row in found}


GROUP_LIST = ListView(
    name=GROUPS,
    key=Group.group_id,
    rows=ROWS,
    default_sort="name",
    search=has_word,
    search_label=_l("Name or description"),
    columns=(
        replace(
            columns.NAME,
            link=lambda group: url_for("siteadmin.show_group", group_name=group.name),
        ),
        columns.FULL_NAME,
        columns.STATUS,
        columns.IS_PUBLIC,
        columns.MEMBER_COUNT,
        Column(key="registered_by", title=_l("Registered by"), load=_founders),
        columns.CREATED_AT,
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

LISTS = (
    USER_LIST,
    SESSION_LIST,
    GROUP_LIST,
    MAIL_LIST,
    AUDIT_LIST,
    PLUGIN_LOG_LIST,
    SETTING_LIST,
)
