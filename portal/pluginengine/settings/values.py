"""The value of a setting: read from what people type, judged, kept as JSON, and read again (pure)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.manifest.numbers import parse_number
from portal.pluginengine.manifest.settings import parse_setting
from portal.pluginengine.manifest.values import SettingValue

#: Types whose values are texts.
TEXTS: Final = ("string", "text", "url", "email")


def parse(declaration: SettingDeclaration, text: str) -> SettingValue:
    """Return what somebody typed as a value of the setting; raises ``BadValue`` with the rule it breaks."""
    if declaration.type != "text":
        text = text.strip()
    value = parse_setting(text.replace("\r\n", "\n"), declaration.type)
    judge(declaration, value)
    return value


def judge(declaration: SettingDeclaration, value: SettingValue) -> None:
    """Raise ``BadValue`` for a value of another type, none of the choices, or beyond the bounds."""
    shown = str(value)
    if not _has_type(declaration, value):
        rule = _("A value of the type %(type)s belongs here.", type=declaration.type)
        raise BadValue(shown, rule)
    if declaration.choices and value not in [each for each, _label in declaration.choices]:
        raise BadValue(shown, _("Choose one of the values that are offered."))
    if isinstance(value, bool):
        return
    size = Decimal(len(value)) if isinstance(value, str) else Decimal(value)
    least, most = declaration.minimum, declaration.maximum
    if least is not None and size < least:
        texts = _("At least %(least)s characters belong here.", least=least)
        raise BadValue(
            shown, texts if isinstance(value, str) else _("At least %(least)s.", least=least)
        )
    if most is not None and size > most:
        texts = _("At most %(most)s characters belong here.", most=most)
        raise BadValue(
            shown, texts if isinstance(value, str) else _("At most %(most)s.", most=most)
        )


def to_json(value: SettingValue) -> str:
    """Return the value as it is stored; a number is a text there, so that no digit is lost."""
    return json.dumps(str(value) if isinstance(value, Decimal) else value)


def from_json(declaration: SettingDeclaration, stored: str) -> SettingValue:
    """Return a stored value; raises ``BadValue`` when it no longer fits what is declared."""
    value = json.loads(stored)
    if declaration.type == "number" and not isinstance(value, bool):
        value = parse_number(str(value))
    elif declaration.type in TEXTS and isinstance(value, str):
        value = parse_setting(value, declaration.type)
    if not isinstance(value, str | int | bool | Decimal):
        raise BadValue(stored, _("A single value belongs here."))
    judge(declaration, value)
    return value


def _has_type(declaration: SettingDeclaration, value: SettingValue) -> bool:
    if declaration.type == "boolean":
        return isinstance(value, bool)
    if declaration.type == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if declaration.type == "number":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    return isinstance(value, str)
