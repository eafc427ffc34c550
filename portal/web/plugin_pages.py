"""Pages of plugins: which plugin serves the request, and who may come without a group or user page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal.core.errors import LoginRequired
from portal.web.current import current


def enter_plugin(plugin: Any) -> None:
    """Make ``plugin`` the one that serves this request."""
    current.plugin = plugin


def require_person() -> None:
    """Refuse an anonymous visitor: the plugin works for groups and people only."""
    if current.viewer is None:
        raise LoginRequired(_("Please log in to use this plugin."))
