"""What the audit log calls a change of a plugin's setting."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action

SETTING_CHANGE = Action(name="plugin.setting", label=_l("Setting of a plugin changed"))
