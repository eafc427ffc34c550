"""The log of one plugin: operations of the journal, entries of the audit log and failures, in time order.

Three tables as one list: the parameters of ``log_params`` say of which plugin. The key counts each table in
steps of three, so that it is unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from portal.core.audit.models import AuditEntry
from portal.core.audit.queries import behind
from portal.pluginengine.health.tables import INCIDENTS
from portal.pluginengine.models import OperationRow
from portal.web.lists.columns import Column, sorted_by
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView

PLUGIN_LOG: Final = "plugin_log"
OPERATION, CHANGE, FAILURE = "operation", "change", "failure"
ROWS: Final = 50

LOG_KINDS: tuple[tuple[str, LazyString], ...] = (
    (OPERATION, _l("Operation")),
    (CHANGE, _l("Change")),
    (FAILURE, _l("Failure")),
)


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String)


_OPERATIONS = select(
    (OperationRow.operation_id * 3).label("log_key"),
    OperationRow.started_at.label("happened_at"),
    _word(OPERATION).label("kind"),
    OperationRow.verb.label("what"),
    OperationRow.step.label("outcome"),
    OperationRow.message.label("text"),
    OperationRow.actor_name.label("actor_name"),
    _word("").label("reference"),
).where(func.lower(OperationRow.code) == bindparam("code"))

_CHANGES = select(
    AuditEntry.audit_id * 3 + 1,
    AuditEntry.happened_at,
    _word(CHANGE),
    AuditEntry.action,
    _word(""),
    AuditEntry.group_name,
    AuditEntry.actor_name,
    cast(AuditEntry.audit_id, String),
).where(
    or_(
        (AuditEntry.object_kind == "plugin") & (AuditEntry.object_name == bindparam("handle")),
        (AuditEntry.object_kind == "setting")
        & (AuditEntry.object_name >= bindparam("settings"))
        & (AuditEntry.object_name < bindparam("behind_settings")),
        (AuditEntry.object_kind == "handler")
        & AuditEntry.object_name.like(bindparam("handlers"), escape="\\"),
    )
)

_FAILURES = select(
    func.row_number().over(order_by=INCIDENTS.c.id) * 3 + 2,
    INCIDENTS.c.at,
    _word(FAILURE),
    INCIDENTS.c.hook,
    cast(INCIDENTS.c.count, String),
    INCIDENTS.c.error,
    _word(""),
    INCIDENTS.c.id,
).where(INCIDENTS.c.plugin == bindparam("handle"))

LOG = union_all(_OPERATIONS, _CHANGES, _FAILURES).subquery("plugin_log")


def log_params(code: str, handle: str) -> Mapping[str, Any]:
    """Return the values that say of which plugin the log is."""
    escaped = code.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    return {
        "code": code.lower(),
        "handle": handle,
        "settings": f"{handle}.",
        "behind_settings": behind(f"{handle}."),
        "handlers": f"% {escaped}:%",
    }


def _matches(word: str) -> ColumnElement[bool]:
    return or_(
        LOG.c.what.icontains(word, autoescape=True), LOG.c.text.icontains(word, autoescape=True)
    )


PLUGIN_LOG_LIST = ListView(
    name=PLUGIN_LOG,
    key=LOG.c.log_key,
    rows=ROWS,
    default_sort="happened_at",
    default_descending=True,
    search=_matches,
    search_label=_l("What happened"),
    columns=(
        Column(
            key="happened_at",
            title=_l("When"),
            kind="date",
            sort=sorted_by(LOG.c.happened_at),
            filter=Filter(by=LOG.c.happened_at),
        ),
        Column(
            key="kind",
            title=_l("Kind"),
            kind="choice",
            choices=lambda: LOG_KINDS,
            filter=Filter(by=LOG.c.kind),
        ),
        Column(key="what", title=_l("What")),
        Column(key="text", title=_l("What came of it")),
        Column(key="outcome", title=_l("Outcome"), is_shown=False),
        Column(key="actor_name", title=_l("Who"), filter=Filter(by=LOG.c.actor_name)),
    ),
)
