"""What a plugin can add to site admin."""

from collections.abc import Mapping

from portal.pluginapi import Link, Plugin, Veto
from portal.pluginapi import gettext as _


class SiteHooks(Plugin):
    """Hooks that are about the site as a whole."""

    def site_link(self) -> Link:
        url = self.url("site_setup")
        return Link(title=_("Calendar"), url=url, description=_("Holidays of the whole site."))

    def users_link(self) -> Link:
        return Link(title=_("Dates of people"), url=self.url("site_setup"))

    def groups_link(self) -> Link:
        return Link(title=_("Dates of groups"), url=self.url("site_setup"))

    def check_settings(self, plugin: str, settings: Mapping[str, object]) -> None:
        if plugin == self.handle and settings.get("first_day") not in (None, "monday", "sunday"):
            raise Veto(_("A week begins on Monday or on Sunday."), "first_day")
