"""Background work on accounts: unconfirmed ones run out, sessions and counters of log-in attempts go.

It stands here because accounts know nothing of jobs.
"""

from __future__ import annotations

from flask import Flask

from portal.accounts.registration import purge_unconfirmed
from portal.accounts.sessionstore import purge_sessions
from portal.accounts.throttling import purge_attempts
from portal.jobs.periodic import HOUR, add_periodic


def init_app(app: Flask) -> None:
    """Offer the jobs."""
    add_periodic(app, "purge_unconfirmed_accounts", HOUR, purge_unconfirmed)
    add_periodic(app, "purge_login_attempts", HOUR, purge_attempts)
    add_periodic(app, "purge_sessions", HOUR, purge_sessions)
