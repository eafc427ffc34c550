"""The files of a plugin on this host: its code, held against what was recorded, and its file store."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.core.audit.recording import record
from portal.core.errors import Conflict
from portal.pluginengine.actions import PLUGIN_RESTORE, plugin_subject
from portal.pluginengine.codefiles import CodeFiles, code_files, restore_files
from portal.pluginengine.engine import current_engine
from portal.pluginengine.files import FILES, PluginFiles
from portal.pluginengine.overview import PluginStatus
from portal.pluginengine.store import StoreError
from portal.siteadmin import plugintabs
from portal.siteadmin.views.blueprint import bp
from portal.siteadmin.views.plugins import require_plugin
from portal.siteadmin.views.plugintab import tab_page

#: How many files the page lists; those that differ come first.
MOST_FILES = 500


@bp.get("/plugins/<code>/files")
def show_plugin_files(code: str) -> str:
    """Each file of the code with its SHA-256, what differs marked; how much its file store holds."""
    plugin = require_plugin(code)
    found, fault = _read(plugin)
    stored = (
        PluginFiles(current_engine().runtime.var / FILES, plugin.handle).list()
        if plugin.handle
        else ()
    )
    return tab_page(
        "plugin_files",
        plugin,
        plugintabs.FILES,
        code_files=found,
        listed=found.files[:MOST_FILES] if found is not None else (),
        fault=fault,
        stored=len(stored),
        stored_bytes=sum(each.size for each in stored),
    )


@bp.post("/plugins/<code>/files/verify")
def verify_plugin_files(code: str) -> Response:
    """Read every file anew and tell what differs; the folder of an archive is made equal to it again."""
    plugin = require_plugin(code)
    try:
        restored = restore_files(plugin)
    except (StoreError, OSError) as error:
        raise Conflict(str(error)) from error
    found, fault = _read(plugin)
    if fault or found is None:
        raise Conflict(fault or _("There is no code of this plugin on this host."))
    if restored and plugin.plugin_id is not None:
        differing = {
            "modified": list(restored.modified),
            "missing": list(restored.missing),
            "extra": list(restored.extra),
        }
        record(PLUGIN_RESTORE, plugin_subject(plugin.plugin_id, plugin.handle), old=differing)
    _tell(found, len((*restored.modified, *restored.missing, *restored.extra)))
    return redirect(url_for("siteadmin.show_plugin_files", code=plugin.code), 303)


def _read(plugin: PluginStatus) -> tuple[CodeFiles | None, str]:
    """Return the plugin's files, or what keeps them from being read."""
    try:
        return code_files(plugin), ""
    except (StoreError, OSError) as error:
        return None, str(error)


def _tell(found: CodeFiles, restored: int) -> None:
    if restored:
        text = ngettext(
            "%(num)d file differed from the archive and was restored.",
            "%(num)d files differed from the archive and were restored.",
            restored,
        )
        flash(text, "warning")
    elif not found.is_as_recorded:
        flash(_("The folder is not what this process has loaded; it was left as it is."), "warning")
    elif not found.recorded:
        flash(_("All of it was read. Nothing is recorded of a folder that does not run."), "info")
    else:
        text = ngettext(
            "%(num)d file was read; all is as recorded.",
            "%(num)d files were read; all is as recorded.",
            len(found.files),
        )
        flash(text, "success")
