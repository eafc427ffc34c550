"""Home: the front page, and the pages on people that know of groups: My page and the profile."""

from __future__ import annotations

from flask import Flask

from portal.home import views


def init_app(app: Flask) -> None:
    """Give the app these pages."""
    app.register_blueprint(views.bp)
