"""What a plugin can add to the pages of groups, and what it is told of their life."""

from collections.abc import Mapping

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from portal.pluginapi import (
    Group,
    GroupSnapshot,
    Link,
    MenuItem,
    Plugin,
    PublicAreaItem,
    User,
    Veto,
    is_member,
)
from portal.pluginapi import gettext as _


class GroupHooks(Plugin):
    """Hooks that are about one group."""

    def group_tab(self, group: Group) -> MenuItem:
        url = self.url("of_group", group=group)
        return MenuItem(key=self.handle, title=_("Calendar"), url=url, icon="calendar3")

    def next_date(self, group: Group) -> Markup:
        text = _("%(name)s meets on Monday at ten.", name=group.full_name)
        return Markup('<p class="everyhook-note">{}</p>').format(text)

    def setup_link(self, group: Group) -> Link:
        url = self.url("group_setup", group=group)
        return Link(title=_("Calendar"), url=url, description=_("Days and colours."))

    def colour_field(self, group: Group, enabled: bool) -> Markup | None:
        if not enabled:
            return None
        field = Markup(
            '<label>{} <input class="form-control" name="everyhook_colour" value="blue"></label>'
        )
        return field.format(_("Colour"))

    def check_colour(self, group: Group, form: MultiDict[str, str]) -> None:
        if not form.get("everyhook_colour", "blue").isalpha():
            raise Veto(_("A colour is one word."), "everyhook_colour")

    def keep_calendar(self, group: Group, plugin: str, enable: bool) -> None:
        if plugin == self.handle and not enable and group.name == "apollo":
            raise Veto(_("There are dates in this calendar."))

    def note_group_choice(self, group: Group, plugin: str, enabled: bool) -> None:
        self.logger.info("%s %s %s", group.name, "uses" if enabled else "left", plugin)

    def welcome(self, group: Group) -> None:
        self.logger.info("%s is there", group.name)

    def notice(self, group: Group, viewer: User | None) -> str | None:
        return _("You have three dates this week.") if is_member(group, viewer) else None

    def public_dates(self, group: Group) -> PublicAreaItem:
        url = self.url("of_group", group=group)
        return PublicAreaItem(title=_("Dates"), url=url, icon="calendar3", count=3)

    def admin_entry(self, group: Group) -> MenuItem:
        url = self.url("group_setup", group=group)
        return MenuItem(key=self.handle, title=_("Calendar"), url=url)

    def copy_dates(
        self, group: Group, template: Group, id_mappings: Mapping[str, dict[int, int]]
    ) -> None:
        self.logger.info("%s begins with the dates of %s", group.name, template.name)

    def log_group(self, group: Group | GroupSnapshot) -> None:
        self.logger.info("%s has changed", group.name)

    def log_group_status(self, group: Group, before: GroupSnapshot, status: str) -> None:
        self.logger.info("%s was %s and is now %s", group.name, before.status, status)

    def log_member(self, group: Group, user: User) -> None:
        self.logger.info("%s came to or left %s", user.user_name, group.name)

    def keep_name(self, group: Group, values: Mapping[str, object]) -> None:
        if "calendar" in str(values.get("full_name", "")).casefold():
            raise Veto(_("Leave the calendar out of the group's name."), "full_name")

    def keep_group(self, group: Group) -> None:
        if group.member_count > 1:
            raise Veto(_("Somebody still has dates here."))
