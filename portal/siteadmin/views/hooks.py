"""The hook explorer: every hook of the catalogue, fired or planned, who answers it, and how long that takes."""

from __future__ import annotations

from flask import render_template, request

from portal.core.errors import NotFound
from portal.pluginengine.catalogue import UnknownHook
from portal.pluginengine.engine import current_engine
from portal.pluginengine.handlertable import read_table
from portal.pluginengine.hooks import KINDS, SCOPES
from portal.siteadmin.hookexplorer import (
    ANSWERS,
    HookFilter,
    hook_entries,
    package_of,
    page_url,
    times_of,
)
from portal.siteadmin.menu import HOOKS
from portal.siteadmin.views.blueprint import bp


@bp.get("/hooks/")
def list_hooks() -> str:
    """All hooks by name, or those looked for (``q``, ``package``, ``kind``, ``scope``, ``answered``)."""
    entries = hook_entries()
    packages = sorted({entry.package for entry in entries})
    asked = HookFilter(
        words=request.args.get("q", "").strip()[:200],
        package=_one_of("package", packages),
        kind=_one_of("kind", KINDS),
        scope=_one_of("scope", SCOPES),
        answered=_one_of("answered", ANSWERS),
    )
    found = [entry for entry in entries if asked.admits(entry)]
    return render_template(
        "siteadmin/hooks.html",
        fired=[entry for entry in found if entry.spec.planned is None],
        planned=[entry for entry in found if entry.spec.planned is not None],
        asked=asked,
        packages=packages,
        kinds=KINDS,
        scopes=SCOPES,
        codes=_codes(),
        active_section=HOOKS,
    )


@bp.get("/hooks/<hook>/")
def show_hook(hook: str) -> str:
    """One hook: what it is for and gets, where it shows, who answers in which order, and the times of a day."""
    engine = current_engine()
    try:
        spec = engine.catalogue.get(hook)
    except UnknownHook as unknown:
        raise NotFound(str(unknown)) from unknown
    table = read_table(hook)
    return render_template(
        "siteadmin/hook.html",
        spec=spec,
        package=package_of(spec),
        table=table,
        lines=sorted(table.lines, key=lambda line: (-line.stored, line.handler_id)),
        times=times_of(hook),
        page=page_url(spec),
        codes=_codes(),
        active_section=HOOKS,
    )


def _one_of(name: str, words: tuple[str, ...] | list[str]) -> str:
    """Return what the address asks for, when it is one of the words; else nothing: all are shown."""
    asked = request.args.get(name, "")
    return asked if asked in words else ""


def _codes() -> dict[str, str]:
    """Return the code of each plugin by its handle, for links."""
    return {record.handle: record.code for record in current_engine().state.plugins}
