"""The audit log in site admin: all entries with filters and CSV, and one entry with old and new values."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _

from portal.core.audit.actions import action_label
from portal.core.audit.models import AuditEntry
from portal.core.audit.queries import all_entries, find_entry
from portal.siteadmin.lists import AUDIT_LIST
from portal.siteadmin.menu import AUDIT
from portal.siteadmin.views.blueprint import bp
from portal.web.lists.export import answer_list


@bp.get("/audit/")
def list_audit() -> ResponseReturnValue:
    """Everything that was recorded, the latest first."""
    return answer_list(AUDIT_LIST.name, all_entries(), "siteadmin/audit.html", active_section=AUDIT)


@bp.get("/audit/<key:audit_id>/")
def show_audit_entry(audit_id: int) -> str:
    """One entry: who, what, when, from where, and what changed."""
    entry = find_entry(audit_id)
    return render_template(
        "siteadmin/audit_entry.html",
        entry=entry,
        label=action_label(entry.action),
        facts=_facts(entry),
        active_section=AUDIT,
    )


def _facts(entry: AuditEntry) -> list[tuple[str, str]]:
    number = f" ({entry.object_id})" if entry.object_id is not None else ""
    return [
        (_("When"), format_datetime(entry.happened_at, "long")),
        (_("Who"), entry.actor_name or _("nobody who was logged in")),
        (_("Action"), entry.action),
        (_("Object"), f"{entry.object_kind}: {entry.object_name}{number}"),
        (_("Group"), entry.group_name),
        (_("Person"), entry.user_name),
        (_("From"), entry.address or _("the portal itself")),
        (_("Request"), entry.request_id),
    ]
