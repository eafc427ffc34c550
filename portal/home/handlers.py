"""What home hangs on hooks: the site menu's way to My page."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal.accounts.menu import MY_PAGE
from portal.accounts.models import User
from portal.web.navigation import MenuItem


def site_menu_entry(viewer: User | None) -> MenuItem | None:
    """Give signed-in people the way to My page."""
    if viewer is None:
        return None
    return MenuItem(key=MY_PAGE, title=_("My page"), url=url_for("home.show_my_page"))
