"""The demo accounts, written once: `portal demo` makes them, `portal doctor` warns of them."""

from __future__ import annotations

DEMO_PASSWORD = "portal-demo"  # noqa: S105 - public on purpose; doctor warns while it is in force

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
