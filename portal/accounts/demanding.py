"""Sites that demand a log-in: visitors see the front page and what it takes to log in, nothing else.

Setting ``PORTAL_LOGIN_REQUIRED`` (forge 4.2, forced log-in mode). Static files and health probes stay
open, and so do the pages of plugins that offer a way to log in.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, request

from portal.accounts.guards import require_login
from portal.accounts.sessions import STATIC
from portal.config import Settings
from portal.pluginengine.engine import current_engine
from portal.web import probes
from portal.web.current import current

FRONT_PAGE: Final = "home.index"
#: The pages of this package; those that are about the viewer ask for a log-in themselves.
OWN_PAGES: Final = "accounts"


def init_app(app: Flask) -> None:
    """Demand log-ins where the site's settings say so; after the viewer is known."""
    settings: Settings = app.extensions["portal.settings"]
    if settings.login_required:
        app.before_request(_demand_login)


def _demand_login() -> None:
    if current.viewer is None and not _is_open():
        require_login()


def _is_open() -> bool:
    return (
        request.endpoint in STATIC
        or request.endpoint == FRONT_PAGE
        or request.blueprint in (OWN_PAGES, probes.bp.name)
        or _leads_to_a_login()
    )


def _leads_to_a_login() -> bool:
    """Tell whether the page is of a plugin that stands on the log-in page."""
    listeners = current_engine().hooks.listeners("display_auth_form")
    return request.blueprint in {each.plugin for each in listeners}
