"""The pages of accounts: logging in and out, making an account, lost passwords, settings."""

from portal.accounts.views import leaving, mysessions, recovery, registration, sessions, settings
from portal.accounts.views.blueprint import bp

__all__ = ["bp", "leaving", "mysessions", "recovery", "registration", "sessions", "settings"]
