"""What was changed of a plugin's settings, by whom and when: read from the audit log (3.3.6).

By the plugin's handle, so that the history outlives an uninstallation; what it says of values is judged by
what the plugin declares today.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select

from portal.core.audit.models import AuditEntry
from portal.core.audit.queries import entries_beginning
from portal.core.database import db
from portal.pluginengine.manifest import SettingDeclaration
from portal.pluginengine.settings.actions import SETTING
from portal.pluginengine.settings.declared import declared_settings
from portal.pluginengine.settings.reading import SettingOwner
from portal.pluginengine.settings.secrets import is_secret


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A change of one setting, with its declaration; None when the plugin does not declare it (any more).

    ``was_set`` and ``is_set`` tell whether there was a value and is one. Of a secret that is all there is
    (``withheld``; the values are None). A long text was cut when it was written down.
    """

    entry: AuditEntry
    name: str
    declaration: SettingDeclaration | None
    withheld: bool
    old: object
    new: object
    was_set: bool
    is_set: bool


def changes_on_site(handle: str) -> Select[AuditEntry]:
    """Return a SELECT of all changes of a plugin's settings: the site's, all groups' and all people's."""
    return entries_beginning(SETTING, f"{handle}.")


def changes_of(handle: str, owner: SettingOwner) -> Select[AuditEntry]:
    """Return a SELECT of the changes of a plugin's settings that were made for this group or person alone."""
    key = getattr(AuditEntry, owner.plugin_owner_key)
    return changes_on_site(handle).where(key == getattr(owner, owner.plugin_owner_key))


def latest_entries(changes: Select[AuditEntry], most: int) -> list[AuditEntry]:
    """Return the latest of the selected changes, the latest first."""
    order = (AuditEntry.happened_at.desc(), AuditEntry.audit_id.desc())
    return list(db.session.scalars(changes.order_by(*order).limit(most)))


def changed_names(changes: Select[AuditEntry]) -> list[str]:
    """Return which settings the selected changes are about, as the log names them: ``<handle>.<setting>``."""
    names = changes.with_only_columns(AuditEntry.object_name).distinct()
    return sorted(db.session.scalars(names))


def declaration_of(object_name: str) -> SettingDeclaration | None:
    """Return the declaration of what the log calls ``<handle>.<setting>``; None when there is none."""
    handle, _dot, name = object_name.partition(".")
    declared = declared_settings(handle)
    return None if declared is None else declared.settings.get(name)


def setting_change(entry: AuditEntry) -> SettingChange:
    """Return what an entry of the audit log says of a setting."""
    declaration = declaration_of(entry.object_name)
    before, after = entry.old_values, entry.new_values
    old, new = before.get("value"), after.get("value")
    is_told = "value" in before or "value" in after
    withheld = not is_told or (declaration is not None and is_secret(declaration))
    return SettingChange(
        entry=entry,
        name=entry.object_name.partition(".")[2],
        declaration=declaration,
        withheld=withheld,
        old=None if withheld else old,
        new=None if withheld else new,
        was_set=old is not None if is_told else bool(before.get("is_set", True)),
        is_set=new is not None if is_told else bool(after.get("is_set", True)),
    )
