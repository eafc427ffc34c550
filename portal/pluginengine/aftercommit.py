"""What a plugin wants called after the commit: as the plugin, in a transaction of its own.

A failure is an incident. The host's own calls go to ``core.unit_of_work`` directly: what fails of them is a
mistake of ours, and stands in the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from portal.core import logs, unit_of_work
from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.pluginengine.context import current_plugin, running_as
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.failures import record_failure
from portal.pluginengine.handlers import describe_callable

#: Stands for the hook's name in the incident.
PLACE = "after_commit"


def after_commit(call: Callable[[], object]) -> None:
    """Run ``call`` when the running transaction is safely in; never when it rolls back.

    Called by a plugin's code it runs as that plugin and may write its own rows, which are committed when
    it returns. Raises RuntimeError outside a unit of work.
    """
    handle = current_plugin.get()
    if handle is not None:
        call = partial(_run, current_engine(), handle, call, logs.request_id.get())
    unit_of_work.after_commit(call)


def _run(engine: Engine, handle: str, call: Callable[[], object], request_id: str) -> None:
    try:
        with unit_of_work.unit_of_work("write"), running_as(handle), guarded(HandlerMisuse):
            call()
            if db.session.registry.has():
                db.session.flush()  # while it is known whose rows they are
    except BaseException as error:
        if is_interrupt(error):
            raise
        name = describe_callable(call)
        record_failure(engine.health, handle, PLACE, name, request_id, error)
