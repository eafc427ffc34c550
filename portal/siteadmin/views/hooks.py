"""The hook explorer: every hook of the catalogue, fired or planned, and who answers it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request

from portal.pluginengine.engine import current_engine
from portal.pluginengine.handlers import Handler
from portal.pluginengine.hooks import KINDS, HookSpec
from portal.siteadmin.menu import HOOKS
from portal.siteadmin.views.blueprint import bp


@dataclass(frozen=True, kw_only=True)
class HookEntry:
    """A hook and its handlers, in the order in which they are called."""

    spec: HookSpec
    handlers: tuple[Handler, ...]


@bp.get("/hooks/")
def list_hooks() -> str:
    """All hooks by name; ``kind`` narrows the list to one kind."""
    engine = current_engine()
    kind = request.args.get("kind", "")
    entries = [
        HookEntry(spec=spec, handlers=engine.hooks.listeners(spec.name))
        for spec in sorted(engine.catalogue, key=lambda spec: spec.name)
        if kind not in KINDS or spec.kind == kind
    ]
    return render_template(
        "siteadmin/hooks.html",
        fired=[entry for entry in entries if entry.spec.planned is None],
        planned=[entry for entry in entries if entry.spec.planned is not None],
        kinds=KINDS,
        kind=kind,
        active_section=HOOKS,
    )
