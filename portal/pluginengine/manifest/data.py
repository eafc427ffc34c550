"""Judges what a plugin says about data: `personal_data` and `writes`; and what it `provides`."""

from __future__ import annotations

import re
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.columns import check_column_name
from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.values import PersonalDataDeclaration
from portal.pluginengine.naming import prefix

PROVISIONS: Final = ("scm", "auth", "cluster", "provisioner", "theme")
PERSONAL_DATA_KEYS: Final = ("table", "user_column")
NOTHING: Final = "none"

_TABLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ENGINE_TABLES: Final = frozenset({"plugins", "group_plugin", "user_plugin"})


def provides(entry: Entry) -> tuple[str, ...]:
    """The pick-one extensions that the plugin offers."""
    return entry.distinct(lambda item: item.one_of(PROVISIONS))


def personal_data(entry: Entry, handle: str | None) -> tuple[PersonalDataDeclaration, ...] | None:
    """The tables with data about people: () when the author says none, None when nothing."""
    if entry.is_absent:
        return None
    if entry.value == NOTHING:
        return ()
    if isinstance(entry.value, str):
        entry.fault(_("Write none here, or a list of {table, user_column}."))
        return None

    def own_table(text: str) -> str:
        if not _TABLE.fullmatch(text) or (handle and not text.startswith(prefix(handle))):
            raise BadValue(
                text,
                _(
                    "A table of the plugin belongs here: its name begins with %(prefix)s.",
                    prefix=prefix(handle or "<handle>"),
                ),
            )
        return text

    def one(item: Entry) -> PersonalDataDeclaration | None:
        at = item.fields(PERSONAL_DATA_KEYS)
        table = at["table"].checked(own_table, required=True)
        column = at["user_column"].checked(check_column_name, required=True)
        if table is None or column is None:
            return None
        return PersonalDataDeclaration(table=table, user_column=column)

    return entry.distinct(one)


def writes(entry: Entry) -> tuple[str, ...]:
    """The core tables whose rows the plugin may change outside the services."""
    return entry.distinct(lambda item: item.checked(check_core_table))


def check_core_table(text: str) -> str:
    """Return ``text`` when it may name a core table for plugins to write, else raise BadValue."""
    if not _TABLE.fullmatch(text):
        raise BadValue(text, _("The name of a core table belongs here, such as groups."))
    if text in _ENGINE_TABLES or text.startswith(("engine_", "plugin_")):
        raise BadValue(text, _("The tables of the engine and of other plugins are never writable."))
    return text
