"""Bringing up one plugin: folder, manifest, class, handlers, pages. A failure costs that plugin only."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Literal

from flask import Blueprint
from flask_babel import gettext as _

from portal.core.interrupts import is_interrupt
from portal.pluginengine import classes, gforge, links, styles, versions
from portal.pluginengine.activation import Switch
from portal.pluginengine.classes import Service
from portal.pluginengine.context import running_as
from portal.pluginengine.discovery import Found
from portal.pluginengine.errors import Fault, LoadError
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.formextensions import CoreForm, LoadedExtension, make_extensions
from portal.pluginengine.manifest import Manifest, scopes_for
from portal.pluginengine.objecttypes.newer import newer_schema, way_out
from portal.pluginengine.objecttypes.pagetypes import PluginPages, pages_of
from portal.pluginengine.objecttypes.resolving import types_of
from portal.pluginengine.objecttypes.values import CoreTypes, PluginTypes
from portal.pluginengine.pagepermissions import with_permissions
from portal.pluginengine.plugin import Plugin, seat
from portal.pluginengine.registration import registered_by
from portal.pluginengine.runtime import Runtime
from portal.pluginengine.state import PluginRecord
from portal.pluginengine.styles import BoundHandler
from portal.pluginengine.versions import is_newer_schema

logger = logging.getLogger(__name__)

ProblemKind = Literal["missing", "broken", "update", "schema", "safe_mode"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why an enabled plugin does not run; ``faults`` are those of its files, when they are the reason."""

    kind: ProblemKind
    cause: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoadedPlugin:
    """A plugin whose code is up, ready to be mounted in one generation.

    Among the permissions of ``manifest`` are those that come with its pages.
    """

    record: PluginRecord
    manifest: Manifest
    folder: Path
    digest: str
    package: str
    instance: Plugin
    handlers: tuple[BoundHandler, ...]
    blueprint: Blueprint | None
    switch: Switch
    types: PluginTypes = field(default_factory=PluginTypes)
    pages: PluginPages = field(default_factory=PluginPages)
    services: tuple[Service, ...] = ()
    extensions: tuple[LoadedExtension, ...] = ()

    @property
    def handle(self) -> str:
        """The plugin's handle."""
        return self.record.handle

    @property
    def may_answer_otherwise(self) -> bool:
        """True when its handlers may differ from those of another generation with the same package.

        ``get_hooks()`` is code, and the files of a pip package change under the same name.
        """
        return gforge.answers_by_get_hooks(self.instance) or self.digest[:12] not in self.package


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What the host offers to plugins: each known hook with its scope, the core's types and forms, and
    what a plugin without code of its own is an object of.
    """

    hook_scopes: Mapping[str, str] = field(default_factory=dict)
    types: CoreTypes = field(default_factory=CoreTypes)
    forms: Mapping[str, CoreForm] = field(default_factory=dict)
    plain_class: type[Plugin] = Plugin


def load(
    record: PluginRecord, found: Found | None, runtime: Runtime, offers: Offers
) -> LoadedPlugin | Problem:
    """Load the plugin of ``record`` from the folder found for it.

    Never raises for the plugin's sake: every failure, ``SystemExit`` in a module included, becomes a
    ``Problem``.
    """
    if found is None:
        return Problem(
            kind="missing", cause=_("Its folder is gone. Put it back, or unregister the plugin.")
        )
    if found.manifest is None:
        return Problem(kind="broken", cause=str(found.faults[0]), faults=found.faults)
    newer = newer_schema(record.schema_version, found.manifest.schema_version, record.version)
    if newer and not record.is_settling:
        return Problem(kind="broken", cause=f"{newer} {way_out(record.version)}")
    stale = _differs(record, found.manifest) or _runs_another(found, found.manifest, runtime)
    if stale:
        return Problem(kind="update", cause=stale)
    if _wants_schema(record, found.manifest):
        return Problem(kind="schema", cause=_schema_cause(record, found.manifest))
    try:
        return _load(record, found, found.manifest, runtime, offers)
    except LoadError as error:
        return Problem(kind="broken", cause=error.cause)
    except BaseException as error:
        if is_interrupt(error):
            raise
        logger.exception("Plugin %s could not be loaded", record.handle)
        return Problem(kind="broken", cause=f"{type(error).__name__}: {error}")


def _differs(record: PluginRecord, manifest: Manifest) -> str:
    """Say how the folder differs from the record, or nothing (design 4: held until its update has run)."""
    if record.handle != manifest.handle:
        return _(
            "Its folder says the handle is %(new)s; the site knows %(old)s.",
            new=manifest.handle,
            old=record.handle,
        )
    if not versions.is_same(record.version, manifest.version):
        return _(
            "Update required: the folder holds version %(new)s, the site runs %(old)s.",
            new=manifest.version,
            old=record.version,
        )
    return ""


def _wants_schema(record: PluginRecord, manifest: Manifest) -> bool:
    """Tell whether its tables are to be brought up before the code may run (M-10, M-11)."""
    declared = manifest.schema_version
    if declared is None or record.is_settling:
        return False
    recorded = record.schema_version
    return recorded is None or is_newer_schema(declared, recorded)


def _schema_cause(record: PluginRecord, manifest: Manifest) -> str:
    cause = _(
        "Update required: its data have schema version %(old)s, its code wants %(new)s.",
        old=record.schema_version or "-",
        new=manifest.schema_version,
    )
    if record.last_error:
        cause += " " + _("The last attempt failed: %(why)s", why=record.last_error)
    return str(cause)


def _runs_another(found: Found, manifest: Manifest, runtime: Runtime) -> str:
    """Say that pip has changed a package whose code this process runs already (engineering 2 (n))."""
    if not found.package:
        return ""
    running = runtime.modules.version_of(found.package, manifest.version)
    if versions.is_same(running, manifest.version):
        return ""
    return _(
        "Restart required: pip has installed version %(new)s, this process runs %(old)s.",
        new=manifest.version,
        old=running,
    )


def _load(
    record: PluginRecord, found: Found, manifest: Manifest, runtime: Runtime, offers: Offers
) -> LoadedPlugin:
    handle, folder, digest = record.handle, found.folder, found.digest
    package = found.package or runtime.modules.package_name(handle, folder, digest)
    load_module = partial(runtime.modules.load, package, plugin=handle)
    load_module("models")
    types = types_of(handle, package, manifest, load_module, offers.types)
    pages = pages_of(handle, manifest, types)
    views = load_module("views")
    with running_as(handle):
        instance = classes.make_plugin(
            handle,
            manifest,
            load_module,
            partial(registered_by, package),
            offers.plain_class,
        )
        answerer = classes.make_answerer(handle, manifest, load_module, instance)
        services = classes.make_services(handle, manifest, load_module)
        extensions = make_extensions(
            handle, manifest.form, load_module, types, instance, offers.forms
        )
    _take_seat(instance, record, found, manifest, runtime)
    with running_as(handle):
        handlers = _handlers(handle, manifest, instance, answerer)
    return LoadedPlugin(
        record=record,
        manifest=with_permissions(manifest, pages.scopes),
        folder=folder,
        digest=digest,
        package=package,
        instance=instance,
        handlers=handlers,
        blueprint=_blueprint(handle, views),
        switch=_switch(record, manifest, offers, handlers),
        types=types,
        pages=pages,
        services=services,
        extensions=extensions,
    )


def _take_seat(
    instance: Plugin, record: PluginRecord, found: Found, manifest: Manifest, runtime: Runtime
) -> None:
    """Tell a plugin's object which plugin it is."""
    instance.handle = record.handle
    seat(
        instance,
        code=record.code,
        version=record.version,
        folder=found.folder,
        digest=found.digest,
        files=PluginFiles(runtime.var / FILES, record.handle),
        manifest=manifest.raw,
        health=runtime.health,
    )


def _switch(
    record: PluginRecord, manifest: Manifest, offers: Offers, handlers: Iterable[BoundHandler]
) -> Switch:
    answered = [each.declaration.event for each in handlers]
    return Switch(
        handle=record.handle,
        plugin_id=record.plugin_id,
        scopes=frozenset(scopes_for(manifest, offers.hook_scopes, answered)),
        policies={"group": record.group_policy, "user": record.user_policy},
    )


def _handlers(
    handle: str, manifest: Manifest, instance: Plugin, answerer: object
) -> tuple[BoundHandler, ...]:
    """Return the plugin's handlers of all three styles; what event.yml names is not named twice."""
    found: dict[tuple[str, str], BoundHandler] = {}
    for each in (
        *styles.methods_of(handle, manifest, answerer),
        *gforge.answers_of(handle, instance),
        *links.answers_of(handle, manifest),
    ):
        found.setdefault((each.declaration.event, each.declaration.handler), each)
    return tuple(found.values())


def _blueprint(handle: str, views: ModuleType | None) -> Blueprint | None:
    if views is None:
        return None
    found = vars(views).get("bp")
    if not isinstance(found, Blueprint):
        raise LoadError(
            handle,
            _(
                'views.py must name its blueprint bp: bp = Blueprint("%(handle)s", __name__).',
                handle=handle,
            ),
        )
    return found
