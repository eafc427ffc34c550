"""The only writer of plugin state: each verb is one operation, one transaction (2.3.2, 2.3.3, design 6).

An operation builds the generation that it is about to make true, inside its own transaction, and calls
the plugin's callbacks with that app (E-35): what raises leaves nothing behind.
"""

from portal.pluginengine.lifecycle.bringingup import (
    bring_all_up,
    bring_up,
    record_personal_data,
)
from portal.pluginengine.lifecycle.installing import Upload, install, revert, update
from portal.pluginengine.lifecycle.policies import set_policy
from portal.pluginengine.lifecycle.quarantining import retry
from portal.pluginengine.lifecycle.removing import purge, uninstall
from portal.pluginengine.lifecycle.running import Outcome
from portal.pluginengine.lifecycle.switching import disable, enable, register, unregister

__all__ = [
    "Outcome",
    "Upload",
    "bring_all_up",
    "bring_up",
    "disable",
    "enable",
    "install",
    "purge",
    "record_personal_data",
    "register",
    "retry",
    "revert",
    "set_policy",
    "uninstall",
    "unregister",
    "update",
]
