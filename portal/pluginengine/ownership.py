"""A plugin writes its own rows: a flush that would change a core row from plugin code is refused (design 7).

Services of the plugin API lift this for what they write themselves; ``writes:`` in config.yml names the
core tables that a plugin may change besides.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from portal.core.database import PortalSession
from portal.pluginengine import naming
from portal.pluginengine.context import current_plugin
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse


def _may_write(handle: str, table: str) -> bool:
    if table.startswith(naming.prefix(handle)):
        return True
    plugin = current_engine().plugins.get(handle)
    return plugin is not None and table in plugin.manifest.writes


def _refuse(handle: str, table: str) -> None:
    raise HandlerMisuse(
        _(
            "The plugin %(plugin)s would change rows of %(table)s, which is not its own. Use a function of "
            "portal.pluginapi, or declare the table under writes: in config.yml.",
            plugin=handle,
            table=table,
        )
    )


def watch() -> None:
    """Hang the judgement on the portal's sessions; safe to call for each generation."""
    for name, judge in (("before_flush", _judge_flush), ("do_orm_execute", _judge_statement)):
        if not event.contains(PortalSession, name, judge):
            event.listen(PortalSession, name, judge)


def _judge_flush(session: Session, context: object, instances: object) -> None:
    handle = current_plugin.get()
    if handle is None:
        return
    for row in (*session.new, *session.deleted, *session.dirty):
        if row in session.dirty and not session.is_modified(row):
            continue
        table = _table_of(row)
        if not _may_write(handle, table):
            _refuse(handle, table)


def _judge_statement(state: ORMExecuteState) -> None:
    handle = current_plugin.get()
    if handle is None or state.is_select:
        return
    table = getattr(getattr(state.statement, "table", None), "name", None)
    if table is not None and not _may_write(handle, table):
        _refuse(handle, table)


def _table_of(row: Any) -> str:
    return str(inspect(type(row)).local_table.name)
