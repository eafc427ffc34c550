"""Every plugin that the site knows or could know, with its state and cause, for lists and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from portal.core.database import db
from portal.pluginengine.discovery import Found, Source
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.errors import Fault
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.models import PluginRow

State = Literal[
    "available", "installed", "enabled", "broken", "missing", "update", "quarantined", "faulty"
]


@dataclass(frozen=True, kw_only=True)
class PluginStatus:
    """One plugin in an overview.

    ``state``: available (on disk, not registered), faulty (on disk, files refused), installed (registered,
    disabled), enabled, or enabled but broken, missing, update (required) or quarantined; ``cause`` says why.
    ``source`` says where its code was found: bundled, path (PORTAL_PLUGIN_PATH) or pip; None when nowhere.
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

    @property
    def is_enabled(self) -> bool:
        """True when the site has switched it on, whether or not it can run."""
        return self.state not in ("available", "faulty", "installed")


def plugin_overview() -> list[PluginStatus]:
    """Return all plugins, by name: those with a row, then what lies on disk without one."""
    engine = current_engine()
    found = dict(engine.runtime.discovery.found())
    rows = db.session.scalars(select(PluginRow).where(PluginRow.delete_flg == 0))
    statuses = [_registered(row, found.pop(row.code_ci, None), engine) for row in rows]
    statuses += [_unregistered(each) for each in found.values()]
    return sorted(statuses, key=lambda each: (each.name.casefold(), each.code))


def plugin_status(code: str) -> PluginStatus | None:
    """Return one plugin by code, any case, or None."""
    wanted = code.lower()
    return next((each for each in plugin_overview() if each.code.lower() == wanted), None)


def _registered(row: PluginRow, found: Found | None, engine: Engine) -> PluginStatus:
    state, cause, faults = _state(row, engine)
    manifest = found.manifest if found else None
    return PluginStatus(
        code=row.code,
        handle=row.plugin_name,
        name=row.name,
        version=row.version,
        author=row.author or "",
        description=row.plugin_desc or "",
        state=state,
        plugin_id=row.plugin_id,
        version_on_disk=manifest.version if manifest else "",
        cause=cause,
        faults=faults,
        group_policy=row.group_policy,
        user_policy=row.user_policy,
        manifest=manifest,
        source=found.source if found else None,
    )


_STATES: Mapping[str, State] = {"missing": "missing", "update": "update"}


def _state(row: PluginRow, engine: Engine) -> tuple[State, str, tuple[Fault, ...]]:
    if not row.enable:
        return "installed", "", ()
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
