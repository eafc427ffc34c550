"""What the audit log calls a change of a plugin's setting, and what it happens to."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action

#: The kind of object in the audit log; its name is ``<handle>.<setting>``.
SETTING: Final = "setting"
SETTING_CHANGE = Action(name="plugin.setting", label=_l("Setting of a plugin changed"))
