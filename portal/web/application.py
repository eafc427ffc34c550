"""The Flask class of the portal: a unit of work around each request, committed by the dispatcher (A3)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from time import perf_counter
from typing import Any, Final

from flask import Flask, Response, g, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue

from portal.core import logs, unit_of_work
from portal.core.audit.origins import audit_context
from portal.core.interrupts import is_interrupt
from portal.core.units import Unit
from portal.pluginengine.engine import current_engine
from portal.pluginengine.errors import PluginLeft
from portal.pluginengine.health.places import REQUEST
from portal.pluginengine.masking import plain_view
from portal.pluginengine.pagecode import note_failure
from portal.pluginengine.streams import contained
from portal.web import transactions
from portal.web.auditing import request_origin
from portal.web.cookies import PortalCookies
from portal.web.nul import refuse_nul
from portal.web.rules import PortalMap, SharedRule

#: Where the environment says when the request came, as ``time.perf_counter`` reads.
STARTED: Final = "portal.started"

#: The endpoints of files: no plugin has a part in them.
FILES: Final = frozenset({"static", "plugin_static"})

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class Portal(Flask):
    """One generation of the portal. Never changed after it was built; a new generation replaces it."""

    url_rule_class = SharedRule
    url_map_class = PortalMap
    session_interface = PortalCookies()

    def wsgi_app(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer one request inside a unit of work of its own and under a request id."""
        offered = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = offered if _REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex[:16]
        environ["portal.request_id"] = request_id
        environ[STARTED] = perf_counter()
        token = logs.request_id.set(request_id)
        try:
            with unit_of_work.entered(Unit("read")), plain_view():
                return contained(environ, super().wsgi_app(environ, start_response))
        finally:
            logs.request_id.reset(token)

    def full_dispatch_request(self) -> Response:
        """Answer the request; the audit log knows meanwhile who acts, and from where.

        Its time is counted, and what plugins' handlers do in it has a deadline.
        """
        health, began = current_engine().health, perf_counter()
        try:
            with audit_context(request_origin()), health.deadline.watched():
                return super().full_dispatch_request()
        except Exception:
            raise
        except BaseException as error:  # of a plugin, where nothing of ours stands around its code
            if is_interrupt(error):
                raise
            raise PluginLeft(error) from error
        finally:
            if request.endpoint not in FILES:
                health.add_times([health.stopwatch("", REQUEST)], [began, perf_counter()])

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Give the request its id and its transaction before anything reads the database."""
        g.portal_request_id = request.environ.get("portal.request_id", "")
        mode = transactions.begin(request)
        refuse_nul(request, with_form=mode != "none" and not transactions.is_too_large(request))
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view and render its answer, then commit: a failing commit is still an error page."""
        response: Response = self.make_response(super().dispatch_request())
        transactions.end(response)
        return response

    def handle_user_exception(self, e: Exception) -> ResponseReturnValue:
        """Roll back before the error's page is made."""
        unit_of_work.rollback()
        unit_of_work.set_mode("read")
        return super().handle_user_exception(e)

    def handle_exception(self, e: Exception) -> Response:
        """Roll back before the last resort's page is made; what failed after the view is not called again."""
        request_ctx._after_request_functions.clear()
        note_failure(e)
        unit_of_work.rollback()
        unit_of_work.set_mode("read")
        return super().handle_exception(e)
