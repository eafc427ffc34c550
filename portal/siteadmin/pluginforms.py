"""The forms about plugins in site admin: uploading, installing, uninstalling, purging, policies."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.pluginengine.archive.limits import MIB
from portal.siteadmin.queries import OwnerCounts
from portal.siteadmin.uploads import site_limits
from portal.web.forms import Form


class UploadForm(Form):
    """A plugin's archive."""

    archive = FileField(
        _l("Archive"),
        [FileRequired(_l("Choose a file first."))],
        render_kw={"accept": ".zip,.tar,.tar.gz,.tgz", "required": True},
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.archive.description = _(
            "A zip, tar or tar.gz with one plugin, at most %(size)s MiB.",
            size=site_limits().packed // MIB,
        )


class InstallForm(Form):
    """How an uploaded archive is installed."""

    enable = BooleanField(
        _l("Enable it after the installation"),
        description=_l("It acts at once. Without the tick it waits, installed and switched off."),
    )


class UpdateForm(Form):
    """How an uploaded archive takes the place of an installed version."""

    older = BooleanField(
        _l("An older or the same version is wanted"),
        description=_l("Data that the newer version has written may be more than this one knows."),
    )


class UninstallForm(Form):
    """What goes with an uninstalled plugin."""

    purge = BooleanField(
        _l("Purge: delete all that it holds, too"),
        description=_l("Its tables, files and settings, and the choices made for it. For good."),
    )
    force = BooleanField(
        _l("By force: leave its own callbacks out"),
        description=_l("For a plugin whose code cannot run, and so cannot clean up after itself."),
    )


class PurgeForm(Form):
    """The code of the plugin, typed by hand."""

    code = StringField(
        _l("Code of the plugin"),
        [InputRequired(), Length(max=255)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    def __init__(self, wanted: str, **options: Any) -> None:
        super().__init__(**options)
        self._wanted = wanted
        self.code.description = _("Type %(code)s, to show that this is the one.", code=wanted)

    def validate_code(self, field: StringField) -> None:
        """Compare what was typed."""
        if (field.data or "").strip() != self._wanted:
            raise ValidationError(_("This is not the code of the plugin."))


class PolicyForm(Form):
    """Who may use a plugin: one policy for groups, one for people; each tells how many would use it."""

    group = RadioField(_l("Groups"), [InputRequired()])
    user = RadioField(_l("People"), [InputRequired()])

    def __init__(
        self, plugin_id: int, groups: OwnerCounts | None, users: OwnerCounts | None, **options: Any
    ) -> None:
        super().__init__(**options)
        for name, counts in (("group", groups), ("user", users)):
            if counts is None:
                del self[name]
                continue
            self[name].choices = [
                (policy, _told(title, counts.using(plugin_id, policy), counts.total))
                for policy, title in policies().items()
            ]

    def chosen(self, switch: str) -> str | None:
        """Return the policy that was chosen for ``group`` or ``user``, None for a switch that is not there."""
        return str(self[switch].data) if switch in self else None


def policies() -> dict[str, str]:
    """Return the policies with what they are called (design 6)."""
    return {
        "forced": _("Always on"),
        "default_on": _("On unless switched off"),
        "allowed": _("Off unless switched on"),
        "forbidden": _("Not available"),
    }


def _told(title: str, using: int, total: int) -> str:
    return _("%(policy)s: %(using)s of %(total)s use it", policy=title, using=using, total=total)
