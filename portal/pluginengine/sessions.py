"""The fence around a plugin's handler: it may read and flush, never end or poison the transaction.

Engineering A4. On a GET the transaction is read-only, so a misstep is undone by ending it; in a
writing transaction each handler runs in a savepoint of its own, so that its failure undoes its own writes only.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self, cast

from flask_babel import gettext as _
from sqlalchemy.orm import SessionTransaction

from portal.core import unit_of_work
from portal.core.database import PortalSession, db
from portal.core.interrupts import TimeIsUp
from portal.core.transactions import begin_guard, end_guard, guarded, unguarded
from portal.core.units import Unit, find_unit
from portal.pluginengine.context import answering, calling_plugin, running_as
from portal.pluginengine.errors import HandlerMisuse
from portal.pluginengine.fencing import Around
from portal.pluginengine.hooks import HookKind
from portal.pluginengine.keeping import Kept


class SessionFence:
    """The fence of a running app; see ``fencing.Fence``."""

    def firing(self, kind: HookKind) -> Around:
        """Return what gives the blocks of one firing, for one handler after the other."""
        unit = find_unit()
        if unit is None:
            return lambda plugin: guarded(HandlerMisuse)
        return (_Writing if unit.mode == "write" else _Reading)(unit).around


class _Fenced:
    """The block of each handler of one firing in turn; hooks fired inside it have blocks of their own."""

    reads = True

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.plugin = ""
        self.kept = Kept(with_rows=self.reads)
        self.session: PortalSession | None = None

    def around(self, plugin: str) -> Self:
        self.plugin = plugin
        return self

    def _guard(self) -> None:
        self.answering_token = answering.set(self.plugin)
        self.guard_token = begin_guard(HandlerMisuse)

    def _unguard(self) -> str:
        """Lift the guard, and return what had to be put back."""
        end_guard(self.guard_token)
        answering.reset(self.answering_token)
        return self.kept.put_back()


def _refuse_changes(changed: str) -> None:
    if changed:
        raise HandlerMisuse(
            _("It changed what is the portal's: %(names)s. It was put back.", names=changed)
        )


class _Reading(_Fenced):
    def __enter__(self) -> None:
        self._guard()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        put_back = self._unguard()
        if not self._is_broken() and not isinstance(error, TimeIsUp):
            if error is None:
                _refuse_changes(put_back)
            return
        ended = self.unit.poisoned or not db.session.is_active
        with unguarded():  # of a page whose view is a plugin's, too
            unit_of_work.recover()
        if error is None:
            raise HandlerMisuse(
                _("It broke the database transaction of the page.")
                if ended
                else _("It changed or added rows while a page was only being read.")
            )

    def _is_broken(self) -> bool:
        """Whether the transaction has ended, or rows wait to be written."""
        if self.unit.poisoned:
            return True
        if self.session is None:
            if not db.session.registry.has():
                return False
            self.session = cast(
                PortalSession, db.session()
            )  # no handler can put another in its place
        return not (self.session.is_clean() and self.session.is_active)


class _Writing(_Fenced):
    reads = False
    savepoint: SessionTransaction

    def __enter__(self) -> None:
        with running_as(calling_plugin.get()):  # what waits to be flushed is the caller's
            self.savepoint = db.session.begin_nested()
        self._guard()

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
        put_back = self._unguard()
        if error is not None:
            self._undo()
        elif put_back:
            self._undo()
            _refuse_changes(put_back)
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
