"""Code of plugins on the generic pages: methods of a type's class, and templates that stand in for the host's.

They run as the plugin, fenced as a check handler is (engineering A4); a failure is an incident and costs
what the code was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import request
from sqlalchemy.exc import DataError, IntegrityError

from portal.core import unit_of_work
from portal.core.database import db
from portal.core.errors import Invalid
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.core.units import current_unit
from portal.objectpages.places import Place
from portal.pluginengine.containing import PieceFailed, contained
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse, Veto
from portal.pluginengine.failures import record_failure
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.health.places import PAGE, TEMPLATE
from portal.pluginengine.objecttypes.pagetypes import as_title
from portal.web.current import current

T = TypeVar("T")

#: What code may raise to say something: the others are failures.
_SAID = (Veto, Invalid, IntegrityError, DataError)


def call(handle: str, name: str, code: Callable[[], T]) -> T:
    """Run code of the plugin's classes and return what it gives.

    ``name`` says what runs. Raises Veto, Invalid, IntegrityError and DataError as the code does, and
    PieceFailed for everything else; whichever it is, what was written is undone.
    """
    # it costs the plugin's own pages only, and so counts nothing towards quarantine
    return contained(handle, PAGE, name, code, passing=_SAID, failed_at=_place(), weight=0)


def draw(handle: str, template: str, code: Callable[[], str]) -> str:
    """Run the rendering of a template of the plugin's; PieceFailed when it fails.

    Not contained as other code is: the template holds the host's layout, which fires hooks and takes
    notices out of the session.
    """
    try:
        with (
            measured(current_engine().health, handle, TEMPLATE, template),
            running_as(handle),
            guarded(HandlerMisuse),
        ):
            return code()
    except BaseException as error:  # SystemExit of a plugin, too
        if is_interrupt(error):
            raise
        _note(handle, template, error)
        if current_unit().mode == "read" and (current_unit().poisoned or not db.session.is_active):
            unit_of_work.recover()
        raise PieceFailed from error


def method_of(row: Any, name: str) -> Callable[..., Any] | None:
    """Return a method that the class of a row brings, or None."""
    return getattr(row, name, None) if callable(getattr(type(row), name, None)) else None


def title_of(place: Place, row: Any) -> str:
    """Return what names a row: what the class says by ``__str__``, else its title column."""
    page = place.page
    if any("__str__" in vars(each) for each in page.model.__mro__[:-1]):  # but for object's own
        try:
            text = call(page.handle, f"{page.model.__name__}.__str__", lambda: drawable(str(row)))
        except (PieceFailed, *_SAID) as error:
            _note(page.handle, "__str__", error)
        else:
            if text.strip():
                return as_title(text)
    return page.title_of(row)


def drawable(text: str) -> str:
    """Return a text without halves of characters, which no page can hold."""
    return text.encode(errors="replace").decode()


def allows(place: Place, row: Any, name: str) -> bool:
    """Ask ``may_view`` or ``may_edit`` of the row's class about the viewer; a class without one says yes.

    A method that fails says no, and so does what is no method: somebody meant to keep rows from people.
    """
    page, viewer = place.page, current.viewer
    if not hasattr(page.model, name):
        return True

    def ask() -> bool:
        return bool(getattr(row, name)(viewer))

    try:
        return call(page.handle, f"{page.model.__name__}.{name}", ask)
    except (PieceFailed, *_SAID) as error:
        _note(page.handle, name, error)
        return False


def allowed(place: Place, rows: Iterable[Any]) -> list[Any]:
    """Return those of many rows that ``may_view`` of their class lets the viewer see.

    Rows that it fails for are left out, all together for one incident.
    """
    page, viewer = place.page, current.viewer
    found: list[Any] = []
    faults: list[Exception] = []

    def ask() -> None:
        for row in rows:
            try:
                found.extend([row] if row.may_view(viewer) else [])
            except Exception as fault:  # noqa: BLE001  it costs its own row only
                faults.append(fault)

    try:
        call(page.handle, f"{page.model.__name__}.may_view", ask)
    except (PieceFailed, *_SAID) as error:
        _note(page.handle, "may_view", error)
        return []
    if faults:
        _note(page.handle, "may_view", faults[0])
    return found


def _note(handle: str, name: str, error: BaseException) -> None:
    """Make an incident of a failure; one that is recorded already is left alone."""
    if not isinstance(error, PieceFailed):
        record_failure(
            current_engine().health,
            handle,
            _place(),
            name,
            current.request_id,
            error,
            measured_as=PAGE,
        )


def _place() -> str:
    """Return where code fails: the page."""
    return f"{request.method} {request.url_rule}"
