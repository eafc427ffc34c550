"""Uninstalling a plugin, which keeps what it holds, and purging it, which does not (design 6)."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.pluginengine import belongings, dependencies, rows
from portal.pluginengine.actions import PLUGIN_PURGE, PLUGIN_UNINSTALL
from portal.pluginengine.errors import Refused
from portal.pluginengine.holdings import drop_holdings
from portal.pluginengine.lifecycle.callbacks import CannotRun, build, call, candidate
from portal.pluginengine.lifecycle.finding import known, note, to_silence
from portal.pluginengine.lifecycle.running import Outcome, Work, run
from portal.pluginengine.models import PluginRow
from portal.pluginengine.naming import default_handle
from portal.pluginengine.personalrecord import forget_absent, forget_declarations
from portal.pluginengine.store import archives


def uninstall(
    code: str, *, purge: bool = False, force: bool = False, dry_run: bool = False
) -> Outcome:
    """Take a plugin off the site: ``disable``, always, then ``uninstall`` (E-39, E-40).

    Before anything is called, it is silenced on every worker. Its tables, files, choices and grants are
    kept for a reinstallation, unless ``purge``. Raises
    ``Refused`` when other plugins need it, when a callback fails, or when its code is there and cannot be
    brought up; ``force`` leaves the callbacks out. Without its code they are left out anyway (2.3.3).
    """

    def step(work: Work) -> str:
        row = known(code)
        dependencies.refuse_needed(row, only_enabled=False)
        if row.initialized and not force:
            _call_out(work, row)
        name, old = row.name, {"version": row.version, "archive": row.archive}
        rows.bury(row)
        note(PLUGIN_UNINSTALL, row, old=old)
        if purge:
            _purge(work, row)
            return _("Plugin %(name)s uninstalled; nothing of it is left.", name=name)
        forget_absent(row.plugin_name)
        return _("Plugin %(name)s uninstalled. What it holds is kept.", name=name)

    return run("uninstall", code, step, "", dry_run=dry_run, silence=lambda: to_silence(code))


def purge(code: str, *, dry_run: bool = False) -> Outcome:
    """Remove everything that an uninstalled plugin has left, by code or handle, also without its code.

    Its tables, views and sequences, its files, grants, settings, the choices made for it and its row.
    Raises ``Refused`` while it is installed.
    """

    def step(work: Work) -> str:
        live = rows.find_row(code)
        if live is not None:
            raise Refused(
                _("Plugin %(name)s is installed.", name=live.name),
                _("Uninstall it first; the page of that offers to purge it, too."),
            )
        row = rows.find_deleted(code, code.lower())
        if row is not None:
            name = row.name
            _purge(work, row)
            return _("Nothing of plugin %(name)s is left.", name=name)
        handle = default_handle(code)
        if handle is None or not belongings.belongings_of(handle):
            return ""
        _remove_all(work, handle)
        return _("Nothing of plugin %(name)s is left.", name=code)

    return run(
        "purge",
        code,
        step,
        _("Plugin %(code)s has left nothing.", code=code),
        dry_run=dry_run,
        silence=lambda: "",
    )


def _call_out(work: Work, row: PluginRow) -> None:
    """Call ``disable`` and ``uninstall`` of the plugin; the code is brought up for it when it is off."""
    plugin = work.engine.plugins.get(row.plugin_name)
    if plugin is None:
        row.enable, row.load_state = 1, "ok"
        try:
            plugin = candidate(work.engine, row)[1]
        except CannotRun as refusal:
            if refusal.problem.kind in ("missing", "safe_mode"):
                work.warnings.append(str(refusal))
                return
            raise Refused(
                str(refusal), _("Uninstall it by force to leave its own callbacks out.")
            ) from refusal
    row.enable = 0
    app = build(work.engine, row)
    call(app, plugin, plugin.instance.disable)
    call(app, plugin, plugin.instance.uninstall)


def _purge(work: Work, row: PluginRow) -> None:
    """Remove an uninstalled plugin and what it holds."""
    dropped = _remove_all(work, row.plugin_name)
    note(PLUGIN_PURGE, row, old={"tables": dropped, **drop_holdings(row)})
    rows.remove(row)


def _remove_all(work: Work, handle: str) -> list[str]:
    """Remove what a plugin holds; its files go after the commit, its code with the next sweep.

    Workers go on running from the unpacked archive until they have swapped.
    """
    dropped = belongings.drop_tables(handle)
    forget_declarations(handle)
    archives.remove_all_of(handle)
    work.purged = handle
    return dropped
