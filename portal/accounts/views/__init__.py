"""The pages of accounts: logging in and out, making an account, lost passwords, settings."""

from portal.accounts.views import leaving, recovery, registration, sessions, settings
from portal.accounts.views.blueprint import bp

__all__ = ["bp", "leaving", "recovery", "registration", "sessions", "settings"]
