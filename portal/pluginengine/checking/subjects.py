"""What is checked: a plugin with its files and, as far as it could be brought up, its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask

from portal.core.database import db
from portal.pluginengine.checking.tables import (
    Tables,
    declared_tables,
    tables_in_database,
    tables_of_code,
    together,
)
from portal.pluginengine.discovery import Found
from portal.pluginengine.engine import EXTENSION, Engine, current_engine
from portal.pluginengine.errors import Fault
from portal.pluginengine.hosting import core_types_of
from portal.pluginengine.loader import LoadedPlugin
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.overview import PluginStatus, plugin_overview
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.state import PluginRecord, SiteState
from portal.pluginengine.store import StoreError


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One plugin. ``plugin`` is None when its code could not be brought up, for the reason in ``problem``.

    ``tables`` are those that are known; ``knows_all`` says that it has no others. ``hooks`` are the names
    of all hooks there are.
    """

    code: str
    manifest: Manifest | None
    faults: tuple[Fault, ...] = ()
    plugin: LoadedPlugin | None = None
    problem: str = ""
    tables: Tables
    knows_all: bool = False
    hooks: frozenset[str] = frozenset()


def subjects_of_site(app: Flask, code: str = "") -> list[Subject]:
    """Return the plugins that the site knows or finds on its disk, or that with this code or handle.

    Their code is brought up in an app of its own; those that run are taken as they run. Needs a reading
    unit of work. Nothing is written.
    """
    wanted = code.lower()
    statuses = [
        each
        for each in plugin_overview()
        if not wanted or wanted in (each.code.lower(), each.handle)
    ]
    engine = current_engine()
    statuses = [_with_manifest(each, engine) for each in statuses]
    resting = [
        _record(each.manifest, each.archive)
        for each in statuses
        if each.manifest is not None and each.handle not in engine.plugins
    ]
    beside = _engine_of(engine.runtime, resting) if resting else engine
    return [_of_site(app, each, engine, beside) for each in statuses]


def _with_manifest(status: PluginStatus, engine: Engine) -> PluginStatus:
    """Return the status with the manifest of the plugin's archive, which is read for those that run only."""
    if status.manifest is not None or status.archive is None:
        return status
    try:
        found = engine.runtime.stored(status.archive)
    except (StoreError, OSError) as error:
        return replace(status, cause=status.cause or str(error))
    return replace(status, manifest=found.manifest, faults=found.faults)


def subject_in(app: Flask, runtime: Runtime, folder: Path) -> Subject | None:
    """Return the plugin in a folder that ``runtime`` finds, whatever the site has; None when it finds none."""
    every = runtime.discovery.found().values()
    found = next((each for each in every if each.folder.resolve() == folder.resolve()), None)
    if found is None:
        return None
    if found.manifest is None:
        return Subject(code=found.code, manifest=None, faults=found.faults, tables={})
    engine = _engine_of(runtime, [_record(found.manifest, None)])
    return _of_folder(app, found, found.manifest, engine)


def _of_folder(app: Flask, found: Found, manifest: Manifest, engine: Engine) -> Subject:
    plugin = engine.plugins.get(manifest.handle)
    sources = [declared_tables(manifest, core_types_of(app))]
    sources += [tables_of_code(plugin)] if plugin is not None else []
    return Subject(
        code=found.code,
        manifest=manifest,
        plugin=plugin,
        problem=_problem(engine, manifest.handle),
        tables=together(sources),
        knows_all=plugin is not None and not manifest.migration_paths,
        hooks=frozenset(spec.name for spec in engine.catalogue),
    )


def _of_site(app: Flask, status: PluginStatus, engine: Engine, beside: Engine) -> Subject:
    manifest, handle = status.manifest, status.handle
    plugin = engine.plugins.get(handle) or beside.plugins.get(handle)
    sources: list[Tables] = []
    if manifest is not None:
        sources.append(declared_tables(manifest, core_types_of(app)))
    if plugin is not None:
        sources.append(tables_of_code(plugin))
    if status.plugin_id is not None:
        sources.append(tables_in_database(db.session.connection(), handle))
    record = engine.state.by_handle.get(handle)
    is_installed = record is not None and record.initialized
    has_others = manifest is not None and bool(manifest.migration_paths) and not is_installed
    return Subject(
        code=status.code,
        manifest=manifest,
        faults=status.faults if manifest is None else (),
        plugin=plugin,
        problem=_problem(beside, handle) or ("" if manifest else status.cause),
        tables=together(sources),
        knows_all=plugin is not None and not has_others,
        hooks=frozenset(spec.name for spec in engine.catalogue),
    )


def _engine_of(runtime: Runtime, records: Iterable[PluginRecord]) -> Engine:
    """Bring these plugins up in an app of their own, and return its engine."""
    engine: Engine = runtime.build(SiteState(plugins=tuple(records))).extensions[EXTENSION]
    return engine


def _record(manifest: Manifest, archive: str | None) -> PluginRecord:
    """Return the row that the plugin would have, were it installed and enabled."""
    return PluginRecord(
        plugin_id=0,
        handle=manifest.handle,
        code=manifest.code,
        name=manifest.name,
        version=manifest.version,
        schema_version=manifest.schema_version,
        enabled=True,
        initialized=True,
        load_state="ok",
        last_error=None,
        group_policy=manifest.policy.group,
        user_policy=manifest.policy.user,
        archive=archive,
        is_settling=True,
    )


def _problem(engine: Engine, handle: str) -> str:
    problem = engine.problems.get(handle)
    return "" if problem is None else problem.cause
