"""The menu on top of a person's own pages, which plugins add to."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal.accounts.models import User
from portal.pluginengine.engine import current_engine
from portal.web.current import current
from portal.web.navigation import MenuItem

MY_PAGE, SETTINGS = "my", "settings"


def core_items() -> list[MenuItem]:
    """Give the items My page and Settings."""
    return [
        MenuItem(key=MY_PAGE, title=_("My page"), url=url_for("home.show_my_page"), icon="house"),
        MenuItem(
            key=SETTINGS, title=_("Settings"), url=url_for("accounts.edit_settings"), icon="sliders"
        ),
    ]


def user_tabs(person: User | None) -> tuple[MenuItem, ...]:
    """Return the menu of ``person``'s pages: the core's items, then those of the plugins they use.

    Empty unless the viewer is that person. Fires the hook usermenu: call it once a page.
    """
    if person is None or person is not current.viewer:
        return ()
    return tuple(current_engine().hooks.collect("usermenu", user=person))
