"""Judges event.yml: which handler answers which hook, and in which band of the order."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final, cast, get_args

from flask_babel import gettext as _

from portal.pluginengine.errors import Fault
from portal.pluginengine.manifest.entry import Entry, with_nearest
from portal.pluginengine.manifest.values import (
    HandlerDeclaration,
    HandlerType,
    Manifest,
)
from portal.pluginengine.naming import check_handler

HANDLER_TYPES: Final[tuple[str, ...]] = get_args(HandlerType)

_EVENT = re.compile(r"\S{1,255}")


def handlers(root: Entry) -> tuple[HandlerDeclaration, ...]:
    """All handlers of event.yml in the order of the file (E-26 to E-31)."""
    found: list[HandlerDeclaration] = []
    seen: set[tuple[str, str]] = set()
    for event, entry in root.entries():
        if not _EVENT.fullmatch(event):
            entry.fault(_("A hook's name has 1 to 255 characters and no white space."), event)
            continue
        for item in entry.items():
            declaration = _handler(event, item)
            if declaration is None:
                continue
            if (event, declaration.handler) in seen:
                item.fault(_("This handler answers this hook already."), declaration.handler)
            seen.add((event, declaration.handler))
            found.append(declaration)
    return tuple(found)


def _handler(event: str, item: Entry) -> HandlerDeclaration | None:
    if isinstance(item.value, list):
        if len(item.value) != 2:
            item.fault(_("A handler in list form has two elements: [handler, type]."))
            return None
        pair = dict(zip(("handler", "type"), item.value, strict=True))
        places = {name: item.under(name, node) for name, node in pair.items()}
    elif isinstance(item.value, dict):
        places = dict(item.fields(("handler", "type")))
    else:
        item.fault(_("Write {handler: name, type: NORMAL} or [name, NORMAL] here."))
        return None
    handler = places["handler"].checked(check_handler, required=True)
    band = places["type"].one_of(HANDLER_TYPES, required=True)
    if handler is None or band is None:
        return None
    return HandlerDeclaration(event=event, handler=handler, type=cast(HandlerType, band))


def unknown_hooks(manifest: Manifest, known: Collection[str]) -> tuple[Fault, ...]:
    """A fault for each hook that the plugin answers or links from and that nobody offers.

    ``known`` are the names in the catalogue; the nearest one is proposed.
    """
    asked = [("event.yml", handler.event, handler.event) for handler in manifest.handlers]
    asked += [("config.yml", f"links > {link.hook}", link.hook) for link in manifest.links]
    return tuple(
        Fault(file, key, hook, _unknown_rule(hook, known))
        for file, key, hook in dict.fromkeys(asked)
        if hook not in known
    )


def _unknown_rule(hook: str, known: Collection[str]) -> str:
    rule: str = _("No hook has this name. `portal hooks list` shows all there are.")
    return with_nearest(rule, hook, known)
