"""What a plugin can add to every page: files, inline text, the head, a banner, the two menus."""

from markupsafe import Markup

from portal.pluginapi import Asset, MenuItem, Plugin, User
from portal.pluginapi import gettext as _


class PageHooks(Plugin):
    """Hooks that are fired once a page, whatever the page is about."""

    def style_sheet(self) -> Asset:
        return self.asset("everyhook.css")

    def script_file(self) -> Asset:
        return self.asset("everyhook.js")

    def css_rules(self) -> str:
        return ".everyhook-today { font-weight: 600; }"

    def script(self) -> str:
        return 'document.documentElement.dataset.everyhookScript = "ran";'

    def head_elements(self) -> Markup:
        return Markup('<meta name="generator" content="everyhook">')

    def banner(self, viewer: User | None) -> str | None:
        return _("The build machines rest on Sunday from 8 to 10.") if viewer else None

    def site_entry(self) -> MenuItem:
        return MenuItem(key=self.handle, title=_("Calendar"), url=self.url("index"))

    def top_link(self, viewer: User | None) -> MenuItem | None:
        if viewer is None:
            return None
        url = self.url("of_person", user=viewer)
        return MenuItem(key=f"{self.handle}-mine", title=_("My dates"), url=url, count=3)
