"""Judges `links`: links that hooks show without any code of the plugin (seed 001)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from flask_babel import gettext as _

from portal.pluginengine.errors import BadValue
from portal.pluginengine.manifest.entry import Entry
from portal.pluginengine.manifest.values import HandlerDeclaration, LinkDeclaration

LINK_KEYS: Final = ("title", "url")

LINK_HANDLER: Final = "link"
"""The handler's name in the table for what a link answers."""

OTHER_NAMES: Final = {"project-menu-features-list-hook": "groupmenu"}
"""Names that seed 001 uses for hooks which are called otherwise here."""

_URL = re.compile(r"(?:https?://[^/\s\"'<>\\]|/(?![/\\]))[^\s\"'<>\\]*")


def parse_url(text: str) -> str:
    """An address on this site (/plugins/...) or on the web (https://...); else BadValue."""
    if len(text) > 2000 or not _URL.fullmatch(text):
        raise BadValue(
            text,
            _("An address on this site (/plugins/...) or on the web (https://...) belongs here."),
        )
    return text


def links(entry: Entry, handlers: Iterable[HandlerDeclaration] = ()) -> tuple[LinkDeclaration, ...]:
    """Every link declared; the hook of each is in its present name.

    ``handlers`` are those of event.yml: none may be called as the link's handler is.
    """
    found: dict[str, LinkDeclaration] = {}
    taken = {each.event for each in handlers if each.handler == LINK_HANDLER}
    for name, place in entry.entries():
        hook = OTHER_NAMES.get(name, name)
        at = place.fields(LINK_KEYS)
        title = at["title"].text(required=True)
        url = at["url"].checked(parse_url, required=True)
        if hook in found:
            place.fault(_("There is a link for the hook %(hook)s already.", hook=hook), name)
        if hook in taken:
            rule = _("event.yml has a handler called link for this hook; call it otherwise.")
            place.fault(rule, name)
        if title and url is not None:
            found[hook] = LinkDeclaration(hook=hook, title=title, url=url)
    return tuple(found.values())
