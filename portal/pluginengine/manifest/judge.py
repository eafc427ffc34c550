"""Judges the two files of a plugin as a whole; pure: texts in, a manifest or every fault out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from flask_babel import gettext as _

from portal.pluginengine.errors import Fault
from portal.pluginengine.manifest.cron import cron
from portal.pluginengine.manifest.data import personal_data, provides, writes
from portal.pluginengine.manifest.entry import Entry, Findings
from portal.pluginengine.manifest.handlers import handlers
from portal.pluginengine.manifest.identity import (
    code,
    code_path,
    code_paths,
    handle,
    homepage,
    schema_version,
    version_text,
)
from portal.pluginengine.manifest.links import links
from portal.pluginengine.manifest.object_types import object_types, upgrade_functions
from portal.pluginengine.manifest.pages import faults_in, pages
from portal.pluginengine.manifest.paths import migration_paths, paths
from portal.pluginengine.manifest.permissions import permissions
from portal.pluginengine.manifest.requires import requires
from portal.pluginengine.manifest.scope import policy, scope
from portal.pluginengine.manifest.settings import settings
from portal.pluginengine.manifest.values import Manifest
from portal.pluginengine.manifest.yamltext import read_yaml
from portal.pluginengine.naming import check_class_name

CONFIG_FILE: Final = "config.yml"
EVENT_FILE: Final = "event.yml"

KEYS: Final = (
    "name", "code", "handle", "version", "release", "author", "description", "license",
    "homepage", "class", "event", "service", "form", "orm.path", "migration.path",
    "schema_version", "object_types", "pages", "permissions", "scope", "policy", "requires", "links",
    "settings", "cron", "provides", "personal_data", "writes", "upgrade_functions",
)  # fmt: skip
"""Every key of config.yml; any other one is a warning."""

_DESCRIPTION_LIMIT: Final = 10_000


class Judgement(NamedTuple):
    """What `judge` found: the manifest, or None and every fault; the warnings either way."""

    manifest: Manifest | None
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What the texts do not say about the plugin and its folder."""

    owner: str | None
    folder: str | None
    holds: Callable[[str], bool] | None


def judge(
    config_text: str,
    event_text: str | None = None,
    *,
    owner: str | None = None,
    folder: str | None = None,
    holds: Callable[[str], bool] | None = None,
) -> Judgement:
    """Judge the texts of config.yml and event.yml (None: the plugin has none).

    ``owner`` is whom allocated handles may belong to, proven (`naming.check_free`); ``folder``,
    when given, is the name that the code must equal; ``holds`` tells whether the plugin's folder
    holds a path. Returns the manifest, the faults of both files together, and the warnings; the
    manifest is None exactly when there are faults. Raises nothing, whatever the texts hold.
    """
    findings = Findings()
    config = _root(CONFIG_FILE, config_text, findings)
    event = _root(EVENT_FILE, event_text or "", findings)
    manifest = _manifest(config, event, _Surroundings(owner, folder, holds))
    faults = tuple(sorted(findings.faults, key=lambda fault: fault.file))
    warnings = tuple(findings.warnings)
    if faults or manifest is None:
        return Judgement(None, faults, warnings)
    return Judgement(replace(manifest, warnings=warnings), faults, warnings)


def _root(file: str, text: str, findings: Findings) -> Entry:
    """The mapping that a file consists of; anything else is one fault and read as empty."""
    node, faults = read_yaml(file, text)
    findings.faults += faults
    root = Entry(file, "", node, findings)
    if isinstance(node, dict) or (node is None and (faults or file == EVENT_FILE)):
        return root
    rule = _("The file is a mapping of keys to values; this one is empty.")
    if node is not None:
        rule = _("The file is a mapping of keys to values; this one holds something else.")
    root.fault(rule)
    return Entry(file, "", None, findings)


def _manifest(config: Entry, event: Entry, around: _Surroundings) -> Manifest | None:
    declared = handlers(event)
    if config.is_absent:
        return None
    at = config.fields(KEYS)
    plugin_code = code(at["code"], around.folder)
    plugin_handle = handle(at["handle"], plugin_code, around.owner)
    scopes = scope(at["scope"])
    manifest = Manifest(
        name=at["name"].text(required=True),
        code=plugin_code or "",
        handle=plugin_handle or "",
        version=version_text(at["version"], required=True) or "",
        release=at["release"].text(),
        author=at["author"].text(),
        description=at["description"].text(_DESCRIPTION_LIMIT, lines=True),
        license=at["license"].text(),
        homepage=homepage(at["homepage"]),
        class_path=code_path(at["class"]),
        event=at["event"].checked(check_class_name),
        service=code_paths(at["service"], "services"),
        form=code_paths(at["form"], "forms"),
        orm_paths=paths(at["orm.path"], around.holds),
        migration_paths=migration_paths(at["migration.path"], around.holds),
        schema_version=schema_version(at["schema_version"]),
        object_types=object_types(at["object_types"], plugin_handle),
        pages=pages(at["pages"], scopes),
        permissions=permissions(at["permissions"]),
        scope=scopes,
        policy=policy(at["policy"], scopes),
        requires=requires(at["requires"], plugin_code),
        links=links(at["links"], declared),
        settings=settings(at["settings"]),
        cron=cron(at["cron"]),
        provides=provides(at["provides"]),
        personal_data=personal_data(at["personal_data"], plugin_handle),
        writes=writes(at["writes"]),
        upgrade_functions=upgrade_functions(at["upgrade_functions"]),
        handlers=declared,
        raw=config.value if isinstance(config.value, dict) else {},
    )
    is_told = any(each.key.startswith("object_types") for each in config.findings.faults)
    if not manifest.orm_paths and not is_told:  # else types are not known, or not whole
        config.findings.faults += faults_in(CONFIG_FILE, manifest)
    if manifest.object_types and manifest.schema_version is None:
        at["schema_version"].warn(
            _("Give a schema version beside object_types, and raise it when they change.")
        )
    return manifest
