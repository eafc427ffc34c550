"""Accounts: people, their log-in, their settings and the plugins they use."""

from __future__ import annotations

from flask import Flask

from portal.accounts.loading import install_loading
from portal.accounts.passwords import install_passwords
from portal.accounts.sessions import install_sessions


def init_app(app: Flask) -> None:
    """Let the app load people, check their passwords and know who is signed in."""
    install_loading(app)
    install_passwords(app)
    install_sessions(app)
