"""The manifest: config.yml and event.yml of a plugin, read as text, all faults told at once."""

from portal.pluginengine.manifest.handlers import HANDLER_TYPES, unknown_hooks
from portal.pluginengine.manifest.judge import (
    CONFIG_FILE,
    EVENT_FILE,
    KEYS,
    Judgement,
    judge,
)
from portal.pluginengine.manifest.reading import read_manifest
from portal.pluginengine.manifest.scope import scopes_for
from portal.pluginengine.manifest.values import (
    CodePath,
    CronDeclaration,
    FieldDeclaration,
    HandlerDeclaration,
    HandlerType,
    LinkDeclaration,
    Manifest,
    ObjectTypeDeclaration,
    PermissionDeclaration,
    PersonalDataDeclaration,
    PluginRequirement,
    Policy,
    PolicyWord,
    Requirements,
    Scope,
    SettingDeclaration,
    UpgradeFunction,
)

__all__ = [
    "CONFIG_FILE",
    "EVENT_FILE",
    "HANDLER_TYPES",
    "KEYS",
    "CodePath",
    "CronDeclaration",
    "FieldDeclaration",
    "HandlerDeclaration",
    "HandlerType",
    "Judgement",
    "LinkDeclaration",
    "Manifest",
    "ObjectTypeDeclaration",
    "PermissionDeclaration",
    "PersonalDataDeclaration",
    "PluginRequirement",
    "Policy",
    "PolicyWord",
    "Requirements",
    "Scope",
    "SettingDeclaration",
    "UpgradeFunction",
    "judge",
    "read_manifest",
    "scopes_for",
    "unknown_hooks",
]
