"""Pages of declared types: list, show, new, edit and delete for what a plugin declares in YAML alone.

Design 9 ("generic pages of declared types live under t/<type>/"), engineering 2 (aa). What the pages show
says ``PageType``; a plugin replaces a template, a view or a piece of behaviour by its own.
"""

from __future__ import annotations

from flask import Flask

from portal.objectpages import shortaddresses, views
from portal.objectpages.lists import offer_lists

__all__ = ["init_app", "offer_lists"]


def init_app(app: Flask) -> None:
    """Give the app the addresses of these pages; ``offer_lists`` follows when the plugins are there."""
    app.register_blueprint(views.bp)
    shortaddresses.init_app(app)
