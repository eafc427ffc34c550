"""The history of a plugin's settings as a list: when, who, which setting, from what to what (3.3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select

from portal.core.audit.models import AuditEntry
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.history import (
    changed_names,
    declaration_of,
    latest_entries,
    setting_change,
)
from portal.web import auditlists
from portal.web.lists.columns import Column
from portal.web.lists.export import answer_list
from portal.web.lists.filters import Filter
from portal.web.lists.registry import ListView
from portal.web.settingwords import recorded_text, set_or_not, setting_title

#: How many changes stand below the form.
LATEST: Final = 5
ROWS: Final = 50


@dataclass(frozen=True, kw_only=True)
class ChangeInWords:
    """A change as people read it: the setting's title, what it was and what it became."""

    entry: AuditEntry
    title: str
    old: str
    new: str


def history_list(name: str, *more: Column) -> ListView:
    """Return a list of that name for changes of settings; ``more`` columns tell whose setting it is."""
    return ListView(
        name=name,
        key=AuditEntry.audit_id,
        rows=ROWS,
        default_sort="happened_at",
        default_descending=True,
        columns=(auditlists.HAPPENED_AT, auditlists.ACTOR, *more, _SETTING, _OLD, _NEW, _CHANGE),
    )


def answer_history(
    name: str, handle: str, changes: Select[AuditEntry], template: str, **variables: Any
) -> ResponseReturnValue:
    """Answer the page, or the CSV, of the changes of a plugin's settings that the viewer may see."""
    g.portal_setting_choices = _choices(handle, changes)
    return answer_list(name, changes, template, **variables)


def latest_changes(changes: Select[AuditEntry]) -> list[ChangeInWords]:
    """Return the latest of the changes that the viewer may see, for the card below the form."""
    return [_in_words(entry) for entry in latest_entries(changes, LATEST)]


def _in_words(entry: AuditEntry) -> ChangeInWords:
    change = setting_change(entry)
    if change.withheld:
        old, new = set_or_not(change.was_set), set_or_not(change.is_set)
        new = _("changed") if change.was_set and change.is_set else new
    else:
        old, new = (recorded_text(change.declaration, each) for each in (change.old, change.new))
    return ChangeInWords(entry=entry, title=_titled(entry.object_name), old=old, new=new)


def _titled(object_name: str) -> str:
    declaration = declaration_of(object_name)
    if declaration is not None:
        return setting_title(declaration)
    name = object_name.partition(".")[2]
    return _("%(setting)s (no longer there)", setting=name)


def _choices(handle: str, changes: Select[AuditEntry]) -> list[tuple[str, str]]:
    """Return the settings that can be filtered by: those that were changed, in the order of the manifest."""
    declared = declared_settings(handle)
    order = [f"{handle}.{name}" for name in (declared.settings if declared else ())]
    changed = changed_names(changes)
    known = [name for name in order if name in changed]
    return [(each, _titled(each)) for each in dict.fromkeys([*known, *changed])]


def _setting_choices() -> Sequence[tuple[str, str]]:
    found: Sequence[tuple[str, str]] = g.get("portal_setting_choices", ())
    return found


def _old(entry: AuditEntry) -> object:
    """Return the old value as CSV has it; of a secret a code."""
    change = setting_change(entry)
    return ("set" if change.was_set else "not_set") if change.withheld else change.old


def _new(entry: AuditEntry) -> object:
    change = setting_change(entry)
    if not change.withheld:
        return change.new
    return ("changed" if change.was_set else "set") if change.is_set else "not_set"


_SETTING: Final = Column(
    key="setting",
    title=_l("Setting"),
    kind="choice",
    choices=_setting_choices,
    value=lambda entry: entry.object_name,
    filter=Filter(by=AuditEntry.object_name),
)
_OLD: Final = Column(key="old_value", title=_l("Old value"), value=_old, is_shown=False)
_NEW: Final = Column(key="new_value", title=_l("New value"), value=_new, is_shown=False)
_CHANGE: Final = Column(key="change", title=_l("Change"), value=_in_words, in_csv=False)
