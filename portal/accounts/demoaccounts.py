"""The demo accounts, written once: `portal demo` makes them, `portal doctor` and site admin warn of them."""

from __future__ import annotations

from sqlalchemy import Select, select

from portal.accounts.models import ACTIVE, User

DEMO_PASSWORD = "portal-demo"  # noqa: S105 - public on purpose; site admins are warned while it is in force

DEMO_ACCOUNTS = {
    "admin": "site admin",
    "alice": "admin of the groups",
    "bob": "member",
    "carol": "outsider",
}


def demo_logins() -> str:
    """Return the lines that tell a visitor how to log in."""
    width = max(map(len, DEMO_ACCOUNTS))
    lines = [f"  {name:<{width}}  {what}" for name, what in DEMO_ACCOUNTS.items()]
    return "\n".join([f"Log in with the password {DEMO_PASSWORD} as:", *lines])


def demo_hashes() -> Select[str, str]:
    """Return a SELECT of login name and password's hash of the active accounts with these names."""
    return select(User.user_name, User.password_hash).where(
        User.user_name.in_(DEMO_ACCOUNTS), User.status == ACTIVE
    )
