"""Background work on accounts and plugins: what has run out goes, and what nobody needs any more.

It stands here because neither accounts nor the plugin engine know of jobs.
"""

from __future__ import annotations

from flask import Flask

from portal.accounts.registration import purge_unconfirmed
from portal.accounts.sessionstore import purge_sessions
from portal.accounts.throttling import purge_attempts
from portal.jobs.periodic import HOUR, add_periodic
from portal.pluginengine.sweeping import sweep


def init_app(app: Flask) -> None:
    """Offer the jobs."""
    add_periodic(app, "purge_unconfirmed_accounts", HOUR, purge_unconfirmed)
    add_periodic(app, "purge_login_attempts", HOUR, purge_attempts)
    add_periodic(app, "purge_sessions", HOUR, purge_sessions)
    add_periodic(app, "sweep_plugins", HOUR, sweep)
