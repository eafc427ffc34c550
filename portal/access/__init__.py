"""Access: permissions, roles and grants, and the one question ``can()``."""

from __future__ import annotations

from flask import Flask

from portal.access.grants import SYSTEM_GRANTS
from portal.access.permissions import install_registry
from portal.accounts.loading import bring_along


def init_app(app: Flask) -> None:
    """Give the app its permission registry, and let a person's site grants come with their row."""
    install_registry(app)
    bring_along(app, SYSTEM_GRANTS)
