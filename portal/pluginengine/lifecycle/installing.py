"""Installing a plugin, from an archive or a folder, and putting another version in its place (E-36 to E-43)."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.core.database import db
from portal.core.unit_of_work import current_unit, unit_of_work
from portal.pluginengine import dependencies, fileundo, rows, store
from portal.pluginengine.actions import PLUGIN_INSTALL, PLUGIN_UPDATE
from portal.pluginengine.archive import PluginArchive, read_archive
from portal.pluginengine.archive.limits import UNLIMITED
from portal.pluginengine.engine import Engine
from portal.pluginengine.errors import Refused
from portal.pluginengine.lifecycle.callbacks import call, call_update, candidate, migrate
from portal.pluginengine.lifecycle.finding import known, note, offered, refuse_taken
from portal.pluginengine.lifecycle.running import NOTHING, Brings, Outcome, Work, run
from portal.pluginengine.lifecycle.schemas import wants_schema
from portal.pluginengine.manifest import Manifest
from portal.pluginengine.models import PluginRow
from portal.pluginengine.store.archives import read_bytes
from portal.pluginengine.versions import is_newer, is_same


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An archive that was read and found in order, and an opaque key of who brought it."""

    archive: PluginArchive
    uploaded_by: int | None = None


def install(source: Upload | str, *, enable: bool = True, dry_run: bool = False) -> Outcome:
    """Install a plugin from an archive, or from its folder by code, and enable it (E-36 to E-41).

    One transaction: row and handlers, migrations, ``install``, then ``enable``. When enabling fails, the
    plugin stays installed and disabled, with the cause as a warning. ``enable=False`` stops before it.
    Raises ``Refused`` when it is installed already, cannot run, or its ``install`` fails: then nothing is
    left behind.
    """

    def step(work: Work) -> str:
        manifest = (
            source.archive.manifest if isinstance(source, Upload) else offered(work.engine, source)
        )
        row = _row_for(work.engine, source, manifest)
        dependencies.check(row.name, manifest.requires, work.warnings.append)
        row.enable = row.initialized = 1
        app, plugin = candidate(work.engine, row)
        rows.place_handlers(row, (each.declaration for each in plugin.handlers))
        migrate(work, app, plugin)
        call(app, plugin, plugin.instance.install)
        row.schema_version = manifest.schema_version
        row.enable = 0
        db.session.flush()
        note(PLUGIN_INSTALL, row, new={"version": row.version, "archive": row.archive})
        if enable and _enabled(work, row):
            return _("Plugin %(name)s installed and enabled.", name=row.name)
        return _("Plugin %(name)s installed; it is disabled.", name=row.name)

    if not isinstance(source, Upload):
        return run("install", source, step, "", dry_run=dry_run)
    return run(
        "install",
        source.archive.manifest.code,
        step,
        "",
        dry_run=dry_run,
        brings=Brings(archive=source.archive.sha256, handle=source.archive.manifest.handle),
    )


def update(source: Upload | str, *, allow_older: bool = False, dry_run: bool = False) -> Outcome:
    """Put another version in the place of an installed plugin; activation, settings and order stay (E-40).

    ``source`` is an archive with the same code and handle, or the code of a plugin whose folder holds
    another version. Raises ``Refused`` when the version is not newer, unless ``allow_older``, or when
    ``update`` or a migration fails: then the present version goes on running.
    """
    archive = source.archive if isinstance(source, Upload) else None
    code = archive.manifest.code if archive is not None else str(source)

    def step(work: Work) -> str:
        row = known(code)
        manifest = archive.manifest if archive is not None else offered(work.engine, code)
        if _is_there(row, manifest, archive):
            return ""
        if archive is not None and row.archive is None:
            _refuse_folder(work.engine, manifest)
        _check_replacement(row, manifest, archive, allow_older=allow_older)
        old = {"version": row.version, "archive": row.archive}
        if isinstance(source, Upload):
            store.put(source.archive, uploaded_by=source.uploaded_by)
            row.archive, row.previous_archive = source.archive.sha256, row.archive
        _replace(work, row, manifest)
        note(PLUGIN_UPDATE, row, old=old, new={"version": row.version, "archive": row.archive})
        return _(
            "Plugin %(name)s updated from %(old)s to %(new)s.",
            name=row.name,
            old=old["version"],
            new=row.version,
        )

    return run(
        "update",
        code,
        step,
        _("Plugin %(code)s has this version already.", code=code),
        dry_run=dry_run,
        brings=Brings(archive=archive.sha256) if archive is not None else NOTHING,
    )


def revert(code: str, *, dry_run: bool = False) -> Outcome:
    """Put the version before the last update back. Raises ``Refused`` when there is none."""
    with unit_of_work("read"):
        row = known(code)
        if row.previous_archive is None:
            raise Refused(
                _("There is no earlier version of plugin %(name)s to go back to.", name=row.name),
                _("Upload the archive of the version that you want."),
            )
        data = read_bytes(row.previous_archive, db.session)
    upload = Upload(archive=read_archive(data, limits=UNLIMITED))
    return update(upload, allow_older=True, dry_run=dry_run)


def _row_for(engine: Engine, source: Upload | str, manifest: Manifest) -> PluginRow:
    """Return the row of a plugin that is about to be installed, new, revived or registered before."""
    row = rows.find_row(manifest.code)
    if row is not None and row.initialized:
        raise Refused(
            _("Plugin %(name)s is installed already.", name=row.name),
            _("Update it instead, or uninstall it first."),
        )
    if isinstance(source, Upload):
        _refuse_folder(engine, manifest)
        store.put(source.archive, uploaded_by=source.uploaded_by)
    if row is None:
        refuse_taken(manifest)
        row = rows.insert_row(manifest)
    else:
        rows.describe(row, manifest)
    row.archive = source.archive.sha256 if isinstance(source, Upload) else None
    rows.insert_handlers(row, manifest)
    return row


def _refuse_folder(engine: Engine, manifest: Manifest) -> None:
    """Leave a folder alone that somebody put there with the same code (2.2.2)."""
    found = engine.runtime.discovery.found().get(manifest.code.lower())
    if found is not None:
        raise Refused(
            _(
                "A plugin with the code %(code)s lies in %(folder)s.",
                code=manifest.code,
                folder=str(found.folder),
            ),
            _("Install that one, or remove the folder before you upload another."),
        )


def _enabled(work: Work, row: PluginRow) -> bool:
    """Enable a plugin that was just installed; False, with a warning, when that fails (2.3.3, step 7)."""
    unit, savepoint = current_unit(), db.session.begin_nested()
    waiting = len(unit.waiting)
    try:
        with fileundo.part_of_operation():
            row.enable = 1
            app, plugin = candidate(work.engine, row)
            call(app, plugin, plugin.instance.enable)
    except Refused as refusal:
        savepoint.rollback()
        del unit.waiting[waiting:]
        unit.cache.clear()
        unit.poisoned = False
        row.last_error = str(refusal)
        db.session.flush()
        work.warnings.append(str(refusal))
        return False
    savepoint.commit()
    return True


def _is_there(row: PluginRow, manifest: Manifest, archive: PluginArchive | None) -> bool:
    if archive is not None:
        return row.archive == archive.sha256
    is_behind = bool(row.initialized) and wants_schema(row, manifest)
    return row.archive is None and is_same(row.version, manifest.version) and not is_behind


def _check_replacement(
    row: PluginRow, manifest: Manifest, archive: PluginArchive | None, *, allow_older: bool
) -> None:
    if (row.code_ci, row.plugin_name) != (manifest.code.lower(), manifest.handle):
        raise Refused(
            _(
                "This is %(new)s with the handle %(handle)s, not %(old)s.",
                new=manifest.code,
                handle=manifest.handle,
                old=row.code,
            ),
            _("An update carries the same code and the same handle."),
        )
    if archive is None and row.archive is not None:
        raise Refused(
            _("Plugin %(name)s was installed from an archive.", name=row.name),
            _("Upload the archive of its next version."),
        )
    is_newer_in_all = is_newer(manifest.version, row.version) or wants_schema(row, manifest)
    if not is_newer_in_all and not allow_older:
        raise Refused(
            _(
                "Version %(new)s is not newer than %(old)s, which runs.",
                new=manifest.version,
                old=row.version,
            ),
            _("Say that an older or the same version is wanted, if that is so."),
        )


def _replace(work: Work, row: PluginRow, manifest: Manifest) -> None:
    """Run the update in the generation that has the new code; the flag is as before in the end."""
    was_enabled, old_version = row.enable, row.version
    rows.describe(row, manifest)
    row.load_state, row.last_error = "ok", None
    if not row.initialized:
        rows.insert_handlers(row, manifest)
        return
    dependencies.refuse_too_old(row, manifest.version)
    dependencies.check(row.name, manifest.requires, work.warnings.append)
    row.enable = 1
    app, plugin = candidate(work.engine, row)
    rows.place_handlers(row, (each.declaration for each in plugin.handlers))
    migrate(work, app, plugin)
    call_update(work, app, plugin, old_version)
    row.enable, row.schema_version = was_enabled, manifest.schema_version
    db.session.flush()
