"""Settings and accounts that are unsafe on a site that others can reach (forge 4.13, system warnings)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _

from portal.access.decisions import is_site_admin
from portal.accounts.demoaccounts import DEMO_PASSWORD, demo_hashes
from portal.accounts.passwords import current_passwords
from portal.config import Settings, current_settings
from portal.core.database import db
from portal.web.current import current

EXTENSION: Final = "portal.siteadmin.hazards"
SHORTEST_SECRET: Final = 32
OWN_MACHINE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """What is unsafe, and what to do; ``setting`` is its name in the configuration, "" for none."""

    text: str
    remedy: str
    setting: str = ""


def init_app(app: Flask) -> None:
    """Prepare the memory of which passwords have been looked at, and let templates ask."""
    app.extensions[EXTENSION] = {}
    app.jinja_env.globals.update(system_warnings=system_warnings)


def system_warnings() -> list[Hazard]:
    """Return what the banner of site admin's pages tells; nothing to all but site admins. One SELECT."""
    return list(hazards()) if is_site_admin(current.viewer) else []


def hazards() -> Iterator[Hazard]:
    """Yield everything that is unsafe right now."""
    yield from _of_settings(current_settings())
    names = demo_accounts_in_force()
    if names:
        yield Hazard(
            text=_(
                "The public demo password opens the accounts: %(names)s.", names=", ".join(names)
            ),
            remedy=_("Change their passwords, or suspend them."),
        )


def demo_accounts_in_force() -> list[str]:
    """Return the active demo accounts that still have the demo password, by login name.

    Each stored hash is tried once in an app's life, since that is slow on purpose.
    """
    tried = cast("dict[str, bool]", current_app.extensions[EXTENSION])
    stored = {row.password_hash: row.user_name for row in db.session.execute(demo_hashes())}
    for each in stored.keys() - tried.keys():
        tried[each] = current_passwords().matches(each, DEMO_PASSWORD)
    return sorted(name for each, name in stored.items() if tried[each])


def _of_settings(settings: Settings) -> Iterator[Hazard]:
    if settings.development:
        yield Hazard(
            text=_("Development mode is on: logs and errors tell more than visitors should know."),
            remedy=_("Switch it off."),
            setting="PORTAL_DEVELOPMENT",
        )
    if len(settings.secret_key) < SHORTEST_SECRET:
        yield Hazard(
            text=_("The key that signs sessions is short enough to be guessed."),
            remedy=_("Set a long random text, or none: then the portal makes one."),
            setting="PORTAL_SECRET_KEY",
        )
    address = urlsplit(settings.public_url)
    is_public = address.hostname not in OWN_MACHINE
    if address.scheme == "https" and not settings.secure_cookies:
        yield Hazard(
            text=_("Cookies are sent over unencrypted connections, too."),
            remedy=_("Switch secure cookies on."),
            setting="PORTAL_SECURE_COOKIES",
        )
    if address.scheme == "http" and is_public:
        yield Hazard(
            text=_("The site is reached without encryption: passwords can be read on the way."),
            remedy=_("Put it behind TLS, and begin its address with https://."),
            setting="PORTAL_URL",
        )
    if settings.host not in OWN_MACHINE and not is_public:
        yield Hazard(
            text=_("Others can reach the site, but mailed links lead to this machine."),
            remedy=_("Set the address under which people reach the site."),
            setting="PORTAL_URL",
        )
    if settings.safe_mode:
        yield Hazard(
            text=_("Safe mode is on: no plugin runs, and what plugins guard is unguarded."),
            remedy=_("Switch it off when the site is mended."),
            setting="PORTAL_SAFE_MODE",
        )
