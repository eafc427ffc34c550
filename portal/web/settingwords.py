"""Settings of plugins in words: what one is called, and what its values are (3.3.6)."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.values import SettingValue
from portal.pluginengine.naming import readable


def setting_title(declaration: SettingDeclaration) -> str:
    """Return what people read for a setting: its label, else its name in words."""
    return declaration.label or readable(declaration.name)


def setting_text(declaration: SettingDeclaration, value: SettingValue | None) -> str:
    """Return a value in words; of a secret, whether there is one."""
    if declaration.secret:
        return set_or_not(value is not None)
    chosen = (label for each, label in declaration.choices if each == value)
    return value_text(value) if isinstance(value, bool) else next(chosen, value_text(value))


def recorded_text(declaration: SettingDeclaration | None, value: object) -> str:
    """Return a value in words as the audit log keeps it, a number with digits behind the point as text."""
    for each, label in declaration.choices if declaration else ():
        if str(each) == str(value):
            return label
    return value_text(value)


def value_text(value: object) -> str:
    """Return a value of whatever type in words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _("nothing") if value is None or value == "" else str(value)


def set_or_not(is_set: bool) -> str:
    """Return what is told of a secret."""
    return _("set") if is_set else _("not set")
