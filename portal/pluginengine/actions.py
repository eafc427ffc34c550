"""What the audit log calls the things that happen to plugins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.core.audit.actions import Action
from portal.core.audit.recording import Subject

PLUGIN_REGISTER = Action(name="plugin.register", label=_l("Plugin registered"))
PLUGIN_ENABLE = Action(name="plugin.enable", label=_l("Plugin enabled"))
PLUGIN_DISABLE = Action(name="plugin.disable", label=_l("Plugin disabled"))
PLUGIN_UNREGISTER = Action(name="plugin.unregister", label=_l("Plugin unregistered"))
PLUGIN_INSTALL = Action(name="plugin.install", label=_l("Plugin installed"))
PLUGIN_UPDATE = Action(name="plugin.update", label=_l("Plugin updated"))
PLUGIN_UNINSTALL = Action(name="plugin.uninstall", label=_l("Plugin uninstalled"))
PLUGIN_PURGE = Action(name="plugin.purge", label=_l("Plugin purged"))
PLUGIN_EXPORT = Action(name="plugin.export", label=_l("Plugin exported"))
PLUGIN_RESTORE = Action(name="plugin.restore", label=_l("Files of a plugin restored"))
PLUGIN_QUARANTINE = Action(name="plugin.quarantine", label=_l("Plugin quarantined"))
PLUGIN_RETRY = Action(name="plugin.retry", label=_l("Quarantine of a plugin lifted"))
PLUGIN_POLICY = Action(name="plugin.policy", label=_l("Policy of a plugin changed"))
PLUGIN_USE = Action(name="plugin.use", label=_l("Plugin switched on or off"))

HANDLER_MOVE = Action(name="handler.move", label=_l("Handler moved"))
HANDLER_ORDER = Action(name="handler.order", label=_l("Handlers put in order"))
HANDLER_SWITCH = Action(name="handler.switch", label=_l("Handler switched on or off"))

ACTIONS = (
    PLUGIN_REGISTER,
    PLUGIN_ENABLE,
    PLUGIN_DISABLE,
    PLUGIN_UNREGISTER,
    PLUGIN_USE,
    HANDLER_MOVE,
    HANDLER_ORDER,
    HANDLER_SWITCH,
    PLUGIN_INSTALL,
    PLUGIN_UPDATE,
    PLUGIN_UNINSTALL,
    PLUGIN_PURGE,
    PLUGIN_QUARANTINE,
    PLUGIN_RETRY,
    PLUGIN_EXPORT,
    PLUGIN_RESTORE,
    PLUGIN_POLICY,
)


def plugin_subject(plugin_id: int, handle: str) -> Subject:
    """Return the plugin as the subject of an entry."""
    return Subject(kind="plugin", id=plugin_id, name=handle)
