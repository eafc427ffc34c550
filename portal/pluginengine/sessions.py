"""The fence around a plugin's handler: it may read and flush, never end or poison the transaction.

Engineering A4. On a GET the transaction is read-only, so a misstep is undone by ending it; in a
writing transaction each handler runs in a savepoint of its own, so that its failure undoes its own writes only.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from flask_babel import gettext as _
from sqlalchemy.orm import SessionTransaction

from portal.core import unit_of_work
from portal.core.database import db
from portal.core.transactions import guarded, unguarded
from portal.core.units import Unit, find_unit
from portal.pluginengine.context import calling_plugin, running_as
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.hooks import HookKind


class SessionFence:
    """The fence of a running app; see ``fencing.Fence``."""

    def around(self, plugin: str, kind: HookKind) -> AbstractContextManager[None]:
        """Return the block in which one handler of ``plugin`` runs."""
        unit = find_unit()
        if unit is None:
            return guarded(HandlerMisuse)
        return _Writing(unit) if unit.mode == "write" else _Reading(unit)


class _Fenced:
    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.guard = guarded(HandlerMisuse)

    def __enter__(self) -> None:
        self.guard.__enter__()

    def _unguard(self) -> None:
        self.guard.__exit__(None, None, None)


class _Reading(_Fenced):
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._unguard()
        if not db.session.registry.has():
            return
        session = db.session()
        ended = self.unit.poisoned or not session.is_active
        changed = session.identity_map.check_modified() or session.new or session.deleted
        if not ended and not changed:
            return
        with unguarded():  # of a page whose view is a plugin's, too
            unit_of_work.recover()
        if error is None:
            raise HandlerMisuse(
                _("It broke the database transaction of the page.")
                if ended
                else _("It changed or added rows while a page was only being read.")
            )


class _Writing(_Fenced):
    savepoint: SessionTransaction

    def __enter__(self) -> None:
        with running_as(calling_plugin.get()):  # what waits to be flushed is the caller's
            self.savepoint = db.session.begin_nested()
        super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                db.session.flush()
        except Exception:
            self._unguard()
            self._undo()
            raise
        self._unguard()
        if error is not None:
            self._undo()
        elif self.unit.poisoned:
            self._undo()
            raise HandlerMisuse(
                _("It met a database error and went on as if nothing had happened.")
            )
        else:
            self.savepoint.commit()

    def _undo(self) -> None:
        self.savepoint.rollback()
        self.unit.poisoned = False
