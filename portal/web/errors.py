"""Refusals and failures become pages here, once, for every view of the core and of plugins."""

from __future__ import annotations

import logging
import sqlite3

from flask import Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from portal.core.errors import LoginRequired, PortalError
from portal.pluginengine.pagecode import begin_error_page, note_failure
from portal.web.current import current
from portal.web.transactions import is_too_large

logger = logging.getLogger(__name__)

TITLES = {
    400: lazy_gettext("This request cannot be understood"),
    401: lazy_gettext("Please log in"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("This address does not answer that way"),
    409: lazy_gettext("Something has changed meanwhile"),
    413: lazy_gettext("That is too large"),
    422: lazy_gettext("Some values do not fit"),
    429: lazy_gettext("Too many attempts"),
    500: lazy_gettext("Something went wrong on our side"),
    503: lazy_gettext("The portal cannot answer right now"),
}
TEXTS = {
    400: lazy_gettext("Go back, reload the page and try again."),
    403: lazy_gettext(
        "Your account lacks the permission. Ask an administrator of the group or site."
    ),
    404: lazy_gettext("The address may be mistyped, or the page is gone, or you may not see it."),
    405: lazy_gettext("Go back and use the buttons of the page."),
    409: lazy_gettext("Somebody else was faster. Reload the page, look at it, and try again."),
    413: lazy_gettext("Send a smaller file or a shorter text."),
    429: lazy_gettext("Wait a few minutes, then try again."),
    500: lazy_gettext("Nothing was saved. The failure is in the log under the number below."),
    503: lazy_gettext("Try again in a moment."),
}


def error_page(status: int, title: str = "", text: str = "", remedy: str = "") -> Response:
    """Render the page of an error; falls back to plain text when even that fails."""
    title = title or str(TITLES.get(status, TITLES[400]))
    text = text or str(TEXTS.get(status, ""))
    begin_error_page()
    try:
        body = render_template(
            "layouts/error.html", status=status, title=title, text=text, remedy=remedy
        )
        return make_response(body, status)
    except Exception:
        logger.exception("The error page itself failed")
        response = make_response(f"{status} {title}\n{text}\n{current.request_id}\n", status)
        response.mimetype = "text/plain"
        return response


def _refused(error: PortalError) -> Response:
    title = error.message if error.status not in TITLES else str(TITLES[error.status])
    return error_page(error.status, title, error.message, error.remedy)


def _log_in_first(error: LoginRequired) -> BaseResponse:
    if request.method not in ("GET", "HEAD"):
        return _refused(error)
    flash(error.message or _("Please log in to see this page."), "info")
    return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))


def _http(error: HTTPException) -> BaseResponse:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    page = error_page(error.code, text=_size_told() if error.code == 413 else "")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            page.headers[name] = value
    return page


def _size_told() -> str:
    """Say how much the address takes, where a request as a whole is too large and not a part of it."""
    most = request.max_content_length
    if most is None or not is_too_large(request):
        return ""
    size = most // (1024 * 1024)
    return _("At most %(size)s MiB can be sent here at once. Nothing of it was kept.", size=size)


def _csrf(error: CSRFError) -> Response:
    return error_page(
        400,
        text=_("The form was open too long, or came from another site."),
        remedy=_("Go back, reload the page and send it again."),
    )


def _conflict(error: Exception) -> Response:
    logger.warning("A write met a conflict", exc_info=error)
    return error_page(409)


def _unavailable(error: OperationalError | sqlite3.OperationalError) -> Response:
    logger.error("The database did not answer as it should", exc_info=error)
    return error_page(503)


def _failed(error: Exception) -> Response:
    if not note_failure(error):
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return error_page(500)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(LoginRequired, _log_in_first)
    app.register_error_handler(PortalError, _refused)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(IntegrityError, _conflict)
    app.register_error_handler(StaleDataError, _conflict)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(sqlite3.OperationalError, _unavailable)  # from BEGIN, which we issue
    app.register_error_handler(Exception, _failed)
