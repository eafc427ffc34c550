"""Judges `settings`: the values of a plugin that admins and users may change (3.3.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast, get_args
from urllib.parse import urlsplit

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry, Findings
from portal.pluginengine.manifest.numbers import bounds, parse_number, parse_whole
from portal.pluginengine.manifest.values import Scope, SettingDeclaration, SettingType, SettingValue
from portal.pluginengine.manifest.yamltext import Node

SETTING_KEYS: Final = (
    "type", "default", "scope", "label", "choices", "secret", "min", "max",
)  # fmt: skip
SETTING_TYPES: Final[tuple[str, ...]] = get_args(SettingType)

_SCOPES: Final = ("site", "group", "user", "system", "blog")
_CANONICAL: Final = {"system": "site", "blog": "group"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_EMAIL = re.compile(r"[^\s@<>\"(),:;]+@[^\s@<>\"(),:;]+")
_TEXT_LIMIT: Final = 10_000


def parse_setting(text: str, kind: str) -> SettingValue:
    """The value that ``text`` stands for in a setting of type ``kind``; else BadValue."""
    if kind == "integer":
        return parse_whole(text)
    if kind == "number":
        return parse_number(text)
    if kind == "boolean":
        if text.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
            raise BadValue(text, _("Write true or false here."))
        return text.lower() in ("true", "yes", "on", "1")
    if kind != "text" and "\n" in text:
        raise BadValue(text, _("A string has one line; the type text has several."))
    if len(text) > _TEXT_LIMIT:
        raise BadValue(
            text, _("A text of at most %(limit)s characters belongs here.", limit=_TEXT_LIMIT)
        )
    if kind == "url" and not _is_address(text):
        raise BadValue(text, _("An address that begins with https:// or http:// belongs here."))
    if kind == "email" and not _EMAIL.fullmatch(text):
        raise BadValue(text, _("An e-mail address belongs here, such as ada@example.org."))
    return text


def stored_settings(raw: Mapping[str, object] | None) -> tuple[SettingDeclaration, ...]:
    """Return what a manifest that was judged before, as `plugins.manifest` keeps it, declares."""
    value = cast("Node", (raw or {}).get("settings"))
    return settings(Entry("config.yml", "settings", value, Findings()))


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable()


def settings(entry: Entry) -> tuple[SettingDeclaration, ...]:
    """Every setting declared, in the order of the file."""
    found = []
    for name, place in entry.entries():
        if not _NAME.fullmatch(name):
            place.fault(
                _(
                    "A setting is named with 1 to 64 ASCII letters, digits and underscores and"
                    " begins with a letter."
                ),
                name,
            )
            continue
        found.append(_setting(name, place))
    return tuple(found)


def _setting(name: str, place: Entry) -> SettingDeclaration:
    at = place.fields(SETTING_KEYS)
    kind = at["type"].one_of(SETTING_TYPES) or "string"
    minimum, maximum = bounds(at["min"], at["max"])
    declaration = SettingDeclaration(
        name=name,
        type=cast(SettingType, kind),
        default=at["default"].checked(lambda text: parse_setting(text, kind)),
        scope=_scope(at["scope"]),
        label=at["label"].text(),
        choices=_choices(at["choices"], kind),
        secret=bool(at["secret"].flag()),
        minimum=minimum,
        maximum=maximum,
    )
    if kind == "boolean":
        for key in ("choices", "min", "max"):
            if not at[key].is_absent:
                at[key].fault(_("A boolean is true or false and has neither choices nor bounds."))
    elif declaration.default is not None:
        _check_default(at["default"], declaration)
    return declaration


def _scope(entry: Entry) -> tuple[Scope, ...]:
    """Where it can be set; absent means site and group, as in Movable Type."""
    if entry.is_absent:
        return ("site", "group")
    if isinstance(entry.value, str):
        entry = Entry(entry.file, entry.key, [entry.value], entry.findings)

    def one(item: Entry) -> Scope | None:
        word = item.one_of(_SCOPES)
        return None if word is None else cast(Scope, _CANONICAL.get(word, word))

    return entry.distinct(one)


def _choices(entry: Entry, kind: str) -> tuple[tuple[SettingValue, str], ...]:
    """Pairs of value and label, from a list of values or a mapping of values to labels."""

    def one(item: Entry) -> tuple[SettingValue, str] | None:
        value = item.checked(lambda text: parse_setting(text, kind))
        return None if value is None else (value, str(item.value))

    if not isinstance(entry.value, dict):
        return entry.distinct(one)
    found = []
    for text, place in entry.entries():
        try:
            found.append((parse_setting(text, kind), place.text() or text))
        except BadValue as bad:
            place.fault(bad.rule, bad.value)
    return tuple(found)


def _check_default(entry: Entry, setting: SettingDeclaration) -> None:
    """The default keeps the bounds and is one of the choices, else nobody could save the form."""
    default = setting.default
    if setting.choices and default not in [value for value, _label in setting.choices]:
        entry.fault(_("The default is one of the choices."))
    size = Decimal(len(default)) if isinstance(default, str) else default
    assert isinstance(size, int | Decimal)
    if setting.minimum is not None and size < setting.minimum:
        entry.fault(_("The default is below min, %(min)s.", min=setting.minimum))
    if setting.maximum is not None and size > setting.maximum:
        entry.fault(_("The default is above max, %(max)s.", max=setting.maximum))
