"""The pages of accounts: logging in and out, making an account, lost passwords, settings."""

from portal.accounts.views import (
    confirming,
    leaving,
    mysessions,
    pluginsettings,
    recovery,
    registration,
    sessions,
    settings,
)
from portal.accounts.views.blueprint import bp

__all__ = [
    "bp",
    "confirming",
    "leaving",
    "mysessions",
    "pluginsettings",
    "recovery",
    "registration",
    "sessions",
    "settings",
]
