"""The order of a hook's handlers: a page with buttons, each an operation of the engine (P-08, 2.3.1)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.errors import NotFound
from portal.pluginengine import ordering
from portal.pluginengine.catalogue import UnknownHook
from portal.pluginengine.errors import Refused
from portal.pluginengine.handlertable import HandlerTable, read_table
from portal.pluginengine.lifecycle import Outcome
from portal.pluginengine.priorities import BANDS
from portal.siteadmin.menu import HOOKS
from portal.siteadmin.views.blueprint import bp
from portal.web.generation import announce
from portal.web.transactions import transaction


@bp.get("/hooks/<hook>/order")
def show_order(hook: str) -> str:
    """All who answer a hook, in the order in which they are called."""
    return _page(_table(hook))


@bp.post("/hooks/<hook>/order")
@transaction("read")
def order_handlers(hook: str) -> ResponseReturnValue:
    """Put all handlers of a ``type`` into the order of the sent ``handler`` ids."""
    sent = request.form.get("type", "")
    handler_type = next((each for each in BANDS if each == sent), None)
    if handler_type is None:
        fault = _("There is no such type of handlers: send the whole form.")
        return _page(_table(hook), fault), 422
    keys = request.form.getlist("handler", type=int)
    return _operate(hook, lambda: ordering.order_handlers(hook, handler_type, keys))


@bp.post("/hooks/<hook>/order/<key:handler_id>/up")
@transaction("read")
def move_handler_up(hook: str, handler_id: int) -> ResponseReturnValue:
    """Let a handler change places with the one above it."""
    return _operate(hook, lambda: ordering.move_handler(hook, handler_id, "up"), handler_id)


@bp.post("/hooks/<hook>/order/<key:handler_id>/down")
@transaction("read")
def move_handler_down(hook: str, handler_id: int) -> ResponseReturnValue:
    """Let a handler change places with the one below it."""
    return _operate(hook, lambda: ordering.move_handler(hook, handler_id, "down"), handler_id)


@bp.post("/hooks/<hook>/order/<key:handler_id>/on")
@transaction("read")
def switch_handler_on(hook: str, handler_id: int) -> ResponseReturnValue:
    """Let a handler be called again."""
    return _operate(hook, lambda: ordering.switch_handler(hook, handler_id, on=True), handler_id)


@bp.post("/hooks/<hook>/order/<key:handler_id>/off")
@transaction("read")
def switch_handler_off(hook: str, handler_id: int) -> ResponseReturnValue:
    """Leave a handler out; its number is kept."""
    return _operate(hook, lambda: ordering.switch_handler(hook, handler_id, on=False), handler_id)


@bp.post("/hooks/<hook>/order/<key:handler_id>/priority")
@transaction("read")
def set_handler_priority(hook: str, handler_id: int) -> ResponseReturnValue:
    """Give a handler the sent ``priority``."""
    number = request.form.get("priority", type=int)
    if number is None:
        fault = _("Write a whole number.")
        return _page(_table(hook), errors={handler_id: fault}), 422
    try:
        outcome = ordering.set_handler_priority(_table(hook).hook, handler_id, number)
    except Refused as refusal:
        table = _table(hook)
        if any(line.handler_id == handler_id for line in table.lines):
            return _page(table, errors={handler_id: str(refusal)}), 409
        return _page(table, str(refusal)), 409
    return _back(hook, outcome, handler_id)


def _operate(
    hook: str, operate: Callable[[], Outcome], handler_id: int | None = None
) -> ResponseReturnValue:
    """Carry out an operation on a hook that exists; a refusal is told on the page, with status 409."""
    _table(hook)
    try:
        outcome = operate()
    except Refused as refusal:
        return _page(_table(hook), str(refusal)), 409
    return _back(hook, outcome, handler_id)


def _back(hook: str, outcome: Outcome, handler_id: int | None) -> Response:
    """Go back to the row of the button; the fragment brings the focus there."""
    flash(outcome.message, "success" if outcome.changed else "info")
    anchor = f"handler-{handler_id}" if handler_id is not None else None
    address = url_for("siteadmin.show_order", hook=hook, _anchor=anchor)
    return announce(make_response(redirect(address, 303)), outcome.generation)


def _table(hook: str) -> HandlerTable:
    try:
        return read_table(hook)
    except UnknownHook as unknown:
        raise NotFound(str(unknown)) from unknown


def _page(table: HandlerTable, refusal: str = "", errors: dict[int, str] | None = None) -> str:
    return render_template(
        "siteadmin/hook_order.html",
        table=table,
        refusal=refusal,
        errors=errors or {},
        active_section=HOOKS,
    )
