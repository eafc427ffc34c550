"""Every plugin that the site knows or could know, with its state and cause, for lists and the command line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from flask_babel import gettext as _
from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine import dependencies
from portal.pluginengine.discovery import Found, Source
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.errors import Fault
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.manifest.requires import stored_requirements
from portal.pluginengine.models import PluginRow
from portal.pluginengine.versions import is_newer_schema, is_same

State = Literal[
    "available", "installed", "enabled", "broken", "missing", "update", "quarantined", "faulty"
]


@dataclass(frozen=True, kw_only=True)
class PluginStatus:
    """One plugin in an overview.

    ``state``: available (on disk, not registered), faulty (on disk, files refused), installed (registered,
    disabled), enabled, or enabled but broken, missing, update (required) or quarantined; ``cause`` says why.
    ``source`` says where its code was found: bundled, path (PORTAL_PLUGIN_PATH), pip or (uploaded) archive;
    None when nowhere. ``missing`` says what an enabled plugin needs that is not there any more,
    ``dependents`` names the plugins that need this one.
    ``archive`` is the SHA-256 of the archive that it was installed from; ``has_previous`` says that the one
    before can be put back.
    """

    code: str
    handle: str
    name: str
    version: str
    author: str
    description: str
    state: State
    plugin_id: int | None = None
    version_on_disk: str = ""
    cause: str = ""
    faults: tuple[Fault, ...] = ()
    group_policy: str = ""
    user_policy: str = ""
    manifest: Manifest | None = None
    source: Source | None = None
    archive: str | None = None
    has_previous: bool = False
    wants_schema: bool = False
    missing: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()

    @property
    def is_enabled(self) -> bool:
        """True when the site has switched it on, whether or not it can run."""
        return self.state not in ("available", "faulty", "installed")

    @property
    def waits_for_update(self) -> bool:
        """True when its folder holds another version, or a later schema, than the site has recorded."""
        is_of_folder = self.plugin_id is not None and self.archive is None and self.version_on_disk
        if not is_of_folder:
            return False
        return self.wants_schema or not is_same(self.version, self.version_on_disk)


def plugin_overview() -> list[PluginStatus]:
    """Return all plugins, by name: those with a row, then what lies on disk without one."""
    engine = current_engine()
    found = dict(engine.runtime.discovery.found())
    rows = dependencies.live_rows()
    statuses = [_registered(row, found.pop(code, None), rows, engine) for code, row in rows.items()]
    statuses += [_unregistered(each) for each in found.values()]
    return sorted(statuses, key=lambda each: (each.name.casefold(), each.code))


def plugin_status(code: str) -> PluginStatus | None:
    """Return one plugin by code, any case, or None."""
    wanted = code.lower()
    return next((each for each in plugin_overview() if each.code.lower() == wanted), None)


def uninstalled_plugins() -> list[PluginRow]:
    """Return the rows of the plugins that were uninstalled and not purged, by name."""
    rows = db.session.scalars(select(PluginRow).where(PluginRow.delete_flg == 1))
    return sorted(rows, key=lambda row: (row.name.casefold(), row.code))


def _registered(
    row: PluginRow, found: Found | None, rows: Mapping[str, PluginRow], engine: Engine
) -> PluginStatus:
    state, cause, faults = _state(row, engine)
    if row.archive is not None:
        found = None  # a folder of that code is not what runs
    manifest = found.manifest if found else _running(row, engine)
    return PluginStatus(
        code=row.code,
        handle=row.plugin_name,
        name=row.name,
        version=row.version,
        author=row.author or "",
        description=row.plugin_desc or "",
        state=state,
        plugin_id=row.plugin_id,
        version_on_disk=found.manifest.version if found and found.manifest else "",
        cause=cause,
        faults=faults,
        group_policy=row.group_policy,
        user_policy=row.user_policy,
        manifest=manifest,
        source="archive" if row.archive else found.source if found else None,
        archive=row.archive,
        has_previous=row.previous_archive is not None,
        wants_schema=bool(row.initialized and manifest and _wants_schema(row, manifest)),
        missing=tuple(_missing(row, rows, engine)) if row.enable else (),
        dependents=tuple(sorted(dependencies.dependents(row, only_enabled=False, rows=rows))),
    )


def _missing(row: PluginRow, rows: Mapping[str, PluginRow], engine: Engine) -> Iterator[str]:
    """Yield what an enabled plugin needs that is not there, or there and does not run."""
    needed = stored_requirements(row.manifest, row.code)
    yield from dependencies.missing(needed, rows)
    for each in needed.plugins:
        other = rows.get(each.code.lower())
        if other is not None and other.enable and other.plugin_name not in engine.plugins:
            yield _("plugin %(code)s (it does not run)", code=each.code)


def _wants_schema(row: PluginRow, manifest: Manifest) -> bool:
    declared, recorded = manifest.schema_version, row.schema_version
    return declared is not None and (recorded is None or is_newer_schema(declared, recorded))


def _running(row: PluginRow, engine: Engine) -> Manifest | None:
    plugin = engine.plugins.get(row.plugin_name)
    return plugin.manifest if plugin is not None else None


_STATES: Mapping[str, State] = {
    "missing": "missing",
    "update": "update",
    "schema": "update",
}


def _state(row: PluginRow, engine: Engine) -> tuple[State, str, tuple[Fault, ...]]:
    if not row.enable:
        return "installed", row.last_error or "", ()
    if row.load_state == "quarantined":
        return "quarantined", row.last_error or "", ()
    problem = engine.problems.get(row.plugin_name)
    if problem is None:
        return "enabled", "", ()
    return _STATES.get(problem.kind, "broken"), problem.cause, problem.faults


def _unregistered(found: Found) -> PluginStatus:
    manifest = found.manifest
    if manifest is None:
        return PluginStatus(
            code=found.code,
            handle="",
            name=found.folder.name,
            version="",
            author="",
            description="",
            state="faulty",
            cause=str(found.faults[0]) if found.faults else "",
            faults=found.faults,
            source=found.source,
        )
    return PluginStatus(
        code=manifest.code,
        handle=manifest.handle,
        name=manifest.name,
        version=manifest.version,
        author=manifest.author,
        description=manifest.description,
        state="available",
        version_on_disk=manifest.version,
        manifest=manifest,
        source=found.source,
    )
