"""The unit of work: one session, one transaction, and what follows its commit.

Services flush; whoever opened the unit commits it. Callbacks handed to ``after_commit`` run when
the transaction is safely in, each isolated from the others, and never after a roll-back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.core.transactions import Mode, transaction_mode
from portal.core.units import Unit, current_unit, find_unit, running

__all__ = [
    "Mode",
    "Unit",
    "after_commit",
    "commit",
    "current_unit",
    "entered",
    "find_unit",
    "recover",
    "rollback",
    "run_waiting",
    "unit_of_work",
]

logger = logging.getLogger(__name__)


@contextmanager
def entered(unit: Unit) -> Iterator[Unit]:
    """Make ``unit`` the running one inside the block; roll back at its end what was not committed."""
    unit_token = running.set(unit)
    mode_token = transaction_mode.set(unit.mode)
    try:
        yield unit
    finally:
        try:
            db.session.remove()
        finally:
            transaction_mode.reset(mode_token)
            running.reset(unit_token)


@contextmanager
def unit_of_work(mode: Mode = "write") -> Iterator[Unit]:
    """Open a unit of work of its own: commit at the end, roll back when the block raises.

    Needs an app context. A unit inside another has its own session and transaction.
    """
    with entered(Unit(mode)) as unit:
        yield unit
        commit()
    run_waiting(unit)


def set_mode(mode: Mode) -> None:
    """Change the running unit's mode; the next transaction that begins in it obeys."""
    current_unit().mode = mode
    transaction_mode.set(mode)


def commit() -> None:
    """Commit the running unit when it writes; a reading one is merely ended."""
    if not db.session.registry.has():
        return
    if current_unit().mode == "read":
        db.session.rollback()
    else:
        db.session.commit()


def rollback() -> None:
    """Roll the running unit back and drop what waited for its commit."""
    unit = current_unit()
    unit.waiting.clear()
    unit.cache.clear()
    if db.session.registry.has():
        db.session.rollback()
    unit.poisoned = False


def recover() -> None:
    """After a database error in a reading unit: end its transaction, so that the next read works."""
    unit = current_unit()
    db.session.rollback()
    unit.poisoned = False


def after_commit(call: Callable[[], object]) -> None:
    """Run ``call`` once the running unit has committed; never when it rolls back."""
    current_unit().waiting.append(call)


def run_waiting(unit: Unit) -> None:
    """Run what waited for the commit of ``unit``; a call that raises is logged and costs only itself."""
    while unit.waiting:
        call = unit.waiting.pop(0)
        try:
            call()
        except BaseException as error:  # a plugin's call may try to leave
            if is_interrupt(error):
                raise
            logger.exception("A call waiting for the commit failed: %r", call)
