"""What a plugin can add to tracker, tasks and source code, once these have their pages."""

from collections.abc import Mapping

from markupsafe import Markup

from portal.pluginapi import Group, MenuItem, Plugin, Section, Veto
from portal.pluginapi import gettext as _


class ToolHooks(Plugin):
    """Hooks of the tools of a group."""

    def dates_of_artifact(self, artifact_id: int) -> Section:
        html = Markup("<p>{}</p>").format(_("Due on Monday."))
        return Section(key=self.handle, title=_("Dates"), html=html, count=1)

    def dates_of_task(self, task_id: int) -> Section:
        html = Markup("<p>{}</p>").format(_("Due in May."))
        return Section(key=self.handle, title=_("Dates"), html=html, count=1)

    def code_tab(self, group: Group) -> MenuItem:
        return MenuItem(key=self.handle, title=_("Releases"), url=self.url("of_group", group=group))

    def engine_name(self) -> str:
        return self.handle

    def code_page(self, group: Group) -> Markup:
        return Markup("<pre>everyhook get {}</pre>").format(group.name)

    def code_files(self, group: Group) -> Markup:
        return Markup("<ul><li>{}</li></ul>").format(_("No file yet"))

    def code_fields(self, group: Group) -> Markup:
        field = Markup('<label>{} <input class="form-control" name="everyhook_branch"></label>')
        return field.format(_("Branch"))

    def check_code_fields(self, scmradio: str | list[str], form: Mapping[str, str]) -> None:
        if self.handle in scmradio and not form.get("everyhook_branch"):
            raise Veto(_("Name a branch."), "everyhook_branch")

    def code_figures(self, group: Group) -> str:
        return _("3 releases")
