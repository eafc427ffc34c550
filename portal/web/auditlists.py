"""The columns that lists of the audit log share: site admin's, and the history of a group."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import known_actions
from portal.core.audit.models import AuditEntry
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import Filter


def _action_choices() -> list[tuple[str, str]]:
    actions = known_actions().values()
    return sorted((each.name, f"{each.label} ({each.name})") for each in actions)


HAPPENED_AT = Column(
    key="happened_at",
    title=_l("When"),
    kind="date",
    sort=sorted_by(AuditEntry.happened_at),
    filter=Filter(by=AuditEntry.happened_at),
)
ACTOR = Column(key="actor_name", title=_l("Who"), filter=Filter(by=AuditEntry.actor_name))
ACTION = Column(
    key="action",
    title=_l("What"),
    kind="choice",
    choices=_action_choices,
    filter=Filter(by=AuditEntry.action),
)
OBJECT_KIND = Column(
    key="object_kind",
    title=_l("Kind of object"),
    filter=Filter(by=AuditEntry.object_kind),
    is_shown=False,
)
OBJECT_NAME = Column(
    key="object_name", title=_l("Object"), filter=Filter(by=AuditEntry.object_name)
)
OLD = Column(key="old_values", title=_l("Old values"), is_shown=False)
NEW = Column(key="new_values", title=_l("New values"), is_shown=False)
CHANGES = Column(key="changes", title=_l("Changes"), in_csv=False)
