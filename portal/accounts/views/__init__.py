"""The pages of accounts: logging in and out, making an account, lost passwords, settings."""

from portal.accounts.views import (
    confirming,
    exporting,
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
    "exporting",
    "leaving",
    "mysessions",
    "pluginsettings",
    "recovery",
    "registration",
    "sessions",
    "settings",
]
