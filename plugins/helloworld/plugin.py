"""The plugin's class: its handlers, named in event.yml. Each is thin and answers with a value."""

from markupsafe import Markup

from portal.pluginapi import Asset, Group, Link, MenuItem, Plugin, User
from portal.pluginapi import gettext as _

from .queries import newest_greeting


class HelloWorld(Plugin):
    """Greetings in groups. A handler takes the parameters of its hook that it names, and no others."""

    def style_sheet(self) -> Asset:
        """Give the style sheet, on pages of groups and people who use the plugin."""
        return self.asset("hello.css")

    def group_tab(self, group: Group) -> MenuItem:
        """Give the group's tab."""
        url = self.url("list_greetings", group=group)
        return MenuItem(key=self.handle, title=_("Hello"), url=url, icon="emoji-smile")

    def latest_greeting(self, group: Group) -> Markup | None:
        """Give the newest greeting for the group's summary; nothing before the first one."""
        greeting = newest_greeting(group)
        return self.render("latest.html", greeting=greeting, group=group) if greeting else None

    def user_tab(self, user: User) -> MenuItem:
        """Give the tab of a person's own pages."""
        url = self.url("list_of_person", user=user)
        return MenuItem(key=self.handle, title=_("Hello"), url=url, icon="emoji-smile")

    def profile_link(self, user: User) -> Link:
        """Give the link on a person's profile."""
        url = self.url("list_of_person", user=user)
        return Link(title=_("Greetings"), url=url, description=_("What they wrote in groups."))

    def site_link(self) -> Link:
        """Give the link on the first page of site admin."""
        url = self.url("list_groups")
        return Link(title=_("Hello World"), url=url, description=_("Greetings, group by group."))
