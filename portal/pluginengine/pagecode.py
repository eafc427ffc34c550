"""How a plugin's views, and what its blueprint hangs around them, are called (design 9).

They run as the plugin, and only on pages that the gate let in (``routing.Router.admit``): a page that was
refused is the host's alone. What fails is an incident; it costs the plugin's own page at most.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, g, request
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from portal.core.database import db
from portal.core.interrupts import is_interrupt
from portal.core.transactions import guarded
from portal.core.units import current_unit
from portal.pluginengine import streams
from portal.pluginengine.context import running_as
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import HandlerMisuse, PluginLeft
from portal.pluginengine.failures import record_failure
from portal.pluginengine.handlers import describe_callable
from portal.pluginengine.health.measuring import measured
from portal.pluginengine.health.places import PAGE, TEARDOWN

Code = Callable[..., Any]

#: How PostgreSQL names a write in a read-only transaction.
_READ_ONLY_SQLSTATE = "25006"


def let_in(handle: str) -> None:
    """Note that the gate let this request in to the plugin's page."""
    g.portal_let_in = handle
    streams.expect(handle)


def is_let_in(handle: str) -> bool:
    """Tell whether the gate let this request in to a page of the plugin."""
    return bool(g.get("portal_let_in") == handle)


def begin_error_page() -> None:
    """Note that a page of the host's is drawn from here on: the plugin adds nothing to its templates."""
    g.portal_error_page = True


def note_failure(error: BaseException, *, measured_as: str = PAGE) -> bool:
    """Make an incident of a failure of the page that is being answered; False when it is no plugin's.

    ``measured_as`` is what its time goes under.
    """
    handle = g.get("portal_let_in")
    if handle is None:
        return False
    place = f"{request.method} {request.url_rule}"
    request_id = g.get("portal_request_id", "")
    health = current_engine().health
    name = request.endpoint or ""
    record_failure(health, handle, place, name, request_id, error, measured_as=measured_as)
    return True


def as_plugin(handle: str, function: Code) -> Code:
    """Run a view as its plugin: it writes its own rows, and the dispatcher commits them.

    What it leaves unflushed is flushed while it is still known whose it is.
    """

    name = describe_callable(function)

    @functools.wraps(function)
    def run(*arguments: Any, **values: Any) -> Any:
        with _running(handle, name):
            answer = function(*arguments, **values)
            if db.session.registry.has():
                if current_unit().mode != "read":
                    db.session.flush()
                else:
                    _note_lost_changes()
            return answer

    return run


def before(handle: str, function: Code) -> Code:
    """Run what stands before a view; on a page that was refused, nothing."""
    run = as_plugin(handle, function)

    @functools.wraps(function)
    def stand() -> Any:
        return run() if is_let_in(handle) else None

    return stand


def address_reader(function: Code) -> Code:
    """Return a url_value_preprocessor as something that stands before a view: the gate comes first."""

    @functools.wraps(function)
    def read() -> None:
        function(request.endpoint, request.view_args)

    return read


def after(handle: str, function: Code) -> Code:
    """Run what changes a finished answer; where it fails, the answer goes out as the view made it."""

    name = describe_callable(function)

    @functools.wraps(function)
    def run(response: Response) -> Response:
        if not is_let_in(handle):
            return response
        try:
            with _running(handle, name):
                changed = function(response)
                if not isinstance(changed, Response):
                    what = type(changed).__qualname__
                    raise TypeError(f"after_request must return the response, got {what}")
                return changed
        except Exception as error:  # noqa: BLE001  it costs its own change only
            note_failure(error)
            return response

    return run


def teardown(handle: str, function: Code) -> Code:
    """Run what cleans up after a request; a failure comes too late to change the answer."""

    name = describe_callable(function)

    @functools.wraps(function)
    def run(error: BaseException | None) -> None:
        if not is_let_in(handle):
            return
        try:
            with _running(handle, name, place=TEARDOWN):
                function(error)
        except Exception as failure:  # noqa: BLE001
            note_failure(failure, measured_as=TEARDOWN)

    return run


def template_values(handle: str, function: Code) -> Code:
    """Run a context processor; the host's own error pages are drawn without it."""
    run = as_plugin(handle, function)

    @functools.wraps(function)
    def values() -> Any:
        return {} if "portal_error_page" in g or not is_let_in(handle) else run()

    return values


def error_handler(handle: str, function: Code) -> Code:
    """Run an error handler; where it may not answer, or fails to, the host's does."""
    run = as_plugin(handle, function)

    @functools.wraps(function)
    def answer(error: Exception) -> Any:
        if not is_let_in(handle):
            return _host_answer(error)
        try:
            return run(error)
        except HTTPException as refusal:
            return _host_answer(refusal)
        except Exception as failure:  # noqa: BLE001
            if failure is not error:
                note_failure(failure)
            return _host_answer(error)

    return answer


def _host_answer(error: Exception) -> Any:
    handler: Any = current_app._find_error_handler(error, [])  # as Flask asks, without blueprints
    return handler(error)


@contextmanager
def _running(handle: str, name: str, place: str = PAGE) -> Iterator[None]:
    """Run the block as the plugin; what would end the process, and a write on a GET, become errors.

    Its time is taken for the plugin at ``place``.
    """
    health = current_engine().health
    try:
        with measured(health, handle, place, name), running_as(handle), guarded(HandlerMisuse):
            yield
    except DBAPIError as error:
        if not _is_refused_write(error):
            raise
        raise HandlerMisuse(_write_on_read()) from error
    except Exception:
        raise
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise PluginLeft(error) from error


def _note_lost_changes() -> None:
    session = db.session()
    if session.new or session.deleted or session.identity_map.check_modified():
        note_failure(HandlerMisuse(_write_on_read()))


def _is_refused_write(error: DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return bool(code & 0xFF == sqlite3.SQLITE_READONLY)
    return getattr(error.orig, "sqlstate", None) == _READ_ONLY_SQLSTATE


def _write_on_read() -> str:
    return _(
        "It changed or added rows while a page was only being read; nothing of it was stored. Let a POST "
        "write, or mark the view with @transaction('write')."
    )
