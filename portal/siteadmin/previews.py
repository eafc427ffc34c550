"""What an uploaded archive would be on this site: new, an update, an older version, or refused (2.3.3, Upload).

Read off the manifest and the rows; nothing of the plugin's code runs. The operations decide again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask import current_app
from flask_babel import gettext as _

from portal.pluginengine import dependencies, rows
from portal.pluginengine.archive import PluginArchive
from portal.pluginengine.checking import Finding
from portal.pluginengine.checking.checks import declared_in
from portal.pluginengine.checking.personaldata import undeclared
from portal.pluginengine.checking.tables import declared_tables
from portal.pluginengine.engine import Engine, current_engine
from portal.pluginengine.errors import Fault
from portal.pluginengine.hooks import HookSpec
from portal.pluginengine.hosting import core_types_of
from portal.pluginengine.manifest import Manifest, PermissionDeclaration, unknown_hooks
from portal.pluginengine.models import PluginRow
from portal.pluginengine.versions import is_newer, is_same
from portal.siteadmin.plugintypes import TypePages, foreseen_permissions, foreseen_types
from portal.siteadmin.previewforms import extended_forms

Verb = Literal["install", "update", ""]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What can be done with an archive: ``verb`` is empty when nothing can, and ``text`` says why.

    ``is_backwards``: the version is the same or older, which has to be wanted.
    """

    verb: Verb
    text: str
    is_backwards: bool = False


@dataclass(frozen=True, kw_only=True)
class AnsweredHook:
    """A line of event.yml or a link: the hook, what answers it, and its specification, None when unknown."""

    name: str
    handler: str
    handler_type: str
    spec: HookSpec | None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """An archive as the page shows it before anything of it has run.

    ``untested`` says that it was tried with older portals only, or nothing; ``types`` and ``permissions``
    are those that can be told before its code has run. ``undeclared`` names the columns of its types that
    say about whom a row is, and that its ``personal_data`` does not declare.
    """

    archive: PluginArchive
    verdict: Verdict
    hooks: tuple[AnsweredHook, ...]
    unknown: tuple[Fault, ...]
    missing: tuple[str, ...]
    untested: str
    migrations: tuple[str, ...]
    forms: tuple[str, ...]
    types: tuple[TypePages, ...]
    permissions: tuple[PermissionDeclaration, ...]
    undeclared: tuple[Finding, ...]

    @property
    def manifest(self) -> Manifest:
        """The plugin's manifest."""
        return self.archive.manifest


def preview_of(archive: PluginArchive) -> Preview:
    """Judge an archive against the running site."""
    engine, manifest = current_engine(), archive.manifest
    specs = {spec.name: spec for spec in engine.catalogue}
    below = tuple(f"{path.rstrip('/')}/" for path in manifest.migration_paths)
    return Preview(
        archive=archive,
        verdict=verdict_of(archive, engine),
        hooks=tuple(
            AnsweredHook(name=name, handler=handler, handler_type=kind, spec=specs.get(name))
            for name, handler, kind in _answered(manifest)
        ),
        unknown=unknown_hooks(manifest, specs),
        missing=tuple(dependencies.missing(manifest.requires)),
        untested=dependencies.untested_text(manifest.name, manifest.requires),
        migrations=tuple(
            each.path
            for each in archive.files
            if below and each.path.startswith(below) and each.path.endswith(".py")
        ),
        forms=extended_forms(archive),
        types=tuple(foreseen_types(manifest)),
        permissions=foreseen_permissions(manifest),
        undeclared=tuple(
            undeclared(
                manifest.handle,
                declared_tables(manifest, core_types_of(current_app)),
                declared_in(manifest),
            )
        ),
    )


def verdict_of(archive: PluginArchive, engine: Engine) -> Verdict:
    """Say what installing or updating would make of the archive, in the order in which they judge."""
    manifest = archive.manifest
    row = rows.find_row(manifest.code)
    if row is None or not row.initialized:
        return _installing(manifest, row, engine)
    return _updating(archive, row, engine)


def _installing(manifest: Manifest, row: PluginRow | None, engine: Engine) -> Verdict:
    other = rows.find_row(manifest.handle)
    if other is not None and other is not row:
        text = _("The handle %(handle)s belongs to the plugin %(name)s.", **_names(manifest, other))
        return Verdict(verb="", text=text)
    if _has_folder(manifest, engine):
        return _folder_in_the_way(manifest)
    buried = rows.find_deleted(manifest.code, manifest.handle)
    if buried is None or row is not None:
        return Verdict(verb="install", text=_("This plugin is new on this site."))
    if not _is_same_plugin(buried, manifest):
        text = _(
            "The uninstalled plugin %(name)s still has this code or this handle. Purge it first.",
            name=buried.name,
        )
        return Verdict(verb="", text=text)
    text = _(
        "This plugin was installed before, last in version %(version)s. What it has kept, its data and"
        " the choices made for it, is used again.",
        version=buried.version,
    )
    return Verdict(verb="install", text=text)


def _updating(archive: PluginArchive, row: PluginRow, engine: Engine) -> Verdict:
    manifest = archive.manifest
    if row.archive == archive.sha256:
        return Verdict(verb="", text=_("This archive is installed: there is nothing to do."))
    if not _is_same_plugin(row, manifest):
        text = _(
            "This is %(code)s with the handle %(handle)s, not the installed %(name)s.",
            code=manifest.code,
            **_names(manifest, row),
        )
        return Verdict(verb="", text=text)
    if row.archive is None and _has_folder(manifest, engine):
        return _folder_in_the_way(manifest)
    versions = {"old": row.version, "new": manifest.version}
    if is_newer(manifest.version, row.version):
        return Verdict(verb="update", text=_("An update from %(old)s to %(new)s.", **versions))
    if is_same(manifest.version, row.version):
        text = _("The installed plugin has version %(old)s, too, with other files.", **versions)
    else:
        text = _("Version %(new)s is older than %(old)s, which is installed.", **versions)
    return Verdict(verb="update", text=text, is_backwards=True)


def _has_folder(manifest: Manifest, engine: Engine) -> bool:
    return manifest.code.lower() in engine.runtime.discovery.found()


def _folder_in_the_way(manifest: Manifest) -> Verdict:
    text = _(
        "A plugin with the code %(code)s lies in a plugin folder of this site. Install or update that one,"
        " or let the operator remove the folder.",
        code=manifest.code,
    )
    return Verdict(verb="", text=text)


def _is_same_plugin(row: PluginRow, manifest: Manifest) -> bool:
    return (row.code_ci, row.plugin_name) == (manifest.code.lower(), manifest.handle)


def _names(manifest: Manifest, row: PluginRow) -> dict[str, str]:
    return {"handle": manifest.handle, "name": row.name}


def _answered(manifest: Manifest) -> list[tuple[str, str, str]]:
    handlers = [(each.event, each.handler, each.type) for each in manifest.handlers]
    return handlers + [
        (each.hook, _("link: %(title)s", title=each.title), "NORMAL") for each in manifest.links
    ]
