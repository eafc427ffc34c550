"""Home: the front page, and the pages on people that know of groups: My page and the profile."""

from __future__ import annotations

from flask import Flask

from portal.accounts.departures import on_departure
from portal.accounts.exporting import on_export
from portal.home import departures, exportsections, handlers, upkeep, views
from portal.pluginengine.hosting import answer_hook


def init_app(app: Flask) -> None:
    """Give the app these pages, the site menu its entry, and accounts what needs to know of groups."""
    answer_hook(app, "outermenu", handlers.site_menu_entry)
    on_departure(app, departures.leave_groups)
    on_export(app, "groups", exportsections.groups)
    on_export(app, "join_requests", exportsections.join_requests)
    on_export(app, "groups_registered", exportsections.groups_registered)
    upkeep.init_app(app)
    app.register_blueprint(views.bp)
