"""What an operation is about: the row that the site has, the manifest that a folder offers, the audit entry."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.core.audit.actions import Action
from portal.core.audit.recording import record
from portal.pluginengine import dependencies, rows
from portal.pluginengine.actions import plugin_subject
from portal.pluginengine.engine import Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.models import PluginRow


def known(code: str) -> PluginRow:
    """Return the live row of a plugin by code or handle; ``Refused`` when the site does not know it."""
    row = rows.find_row(code)
    if row is None:
        raise Refused(
            _("The plugin %(code)s is not registered.", code=code),
            _("See portal plugin list for what is there."),
        )
    return row


def to_silence(code: str) -> str:
    """Return the handle of a plugin that must be silent before it is taken away; nothing when it is off.

    Raises ``Refused`` when it cannot be taken away, because others need it.
    """
    row = rows.find_row(code)
    if row is None or not row.enable:
        return ""
    dependencies.refuse_needed(row, only_enabled=False)
    return row.plugin_name


def offered(engine: Engine, code: str) -> Manifest:
    """Return the manifest that a plugin folder or package offers; ``Refused`` when there is none in order."""
    found = list(engine.runtime.discovery.found().values())
    wanted = code.lower()
    by_code = [each for each in found if each.code.lower() == wanted]
    by_handle = [each for each in found if each.manifest and each.manifest.handle == wanted]
    for each in (*by_code, *by_handle):
        if each.manifest is None:
            faults = "\n".join(str(fault) for fault in each.faults)
            raise Refused(_("The plugin in %(folder)s is faulty.", folder=str(each.folder)), faults)
        return each.manifest
    places = ", ".join(str(place.path) for place in engine.runtime.discovery.places)
    raise Refused(
        _("There is no plugin %(code)s.", code=code),
        _("Put its folder, with a config.yml, into %(places)s.", places=places),
    )


def refuse_taken(manifest: Manifest) -> None:
    """Raise ``Refused`` when another plugin of the site has the handle."""
    other = rows.find_row(manifest.handle)
    if other is not None:
        raise Refused(
            _(
                "The handle %(handle)s belongs to the plugin %(name)s.",
                handle=manifest.handle,
                name=other.name,
            ),
            _("Handles are unique on a site; give one of the two another handle."),
        )


def note(
    action: Action,
    row: PluginRow,
    *,
    old: Mapping[str, object] | None = None,
    new: Mapping[str, object] | None = None,
) -> None:
    """Put an operation on a plugin into the audit log."""
    record(action, plugin_subject(row.plugin_id, row.plugin_name), old=old, new=new)
