"""Home: the front page, and the pages on people that know of groups: My page and the profile."""

from __future__ import annotations

from flask import Flask

from portal.home import handlers, views
from portal.pluginengine.hosting import answer_hook


def init_app(app: Flask) -> None:
    """Give the app these pages, and the site menu its entry."""
    answer_hook(app, "outermenu", handlers.site_menu_entry)
    app.register_blueprint(views.bp)
