"""Menus as seed 004 hands them to plugins: lists of addresses and titles to append to, an index to set.

And menus' items made of the links that config.yml declares, with the address completed by what
the page is about.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain, count
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from portal.pluginengine.arguments import Params
from portal.pluginengine.context import current_plugin
from portal.pluginengine.manifest import LinkDeclaration
from portal.pluginengine.seeds import Called, MakeLink, SeedCall, SeedFault
from portal.web.navigation import Link, MenuItem, PublicAreaItem, Selected, menu_of

DIRS, TITLES, TOPTAB, SELECTED = "DIRS", "TITLES", "toptab", "selected"
LINKS, LABELS, ATTRIBUTES = "links", "labels", "attr_r"

#: ``selected`` while no tab is marked.
NO_TAB = -1


def tab_lists(**names: str) -> SeedCall:
    """Return the form of groupmenu and groupmenu_scm: DIRS, TITLES, toptab, selected, and ``names``.

    DIRS and TITLES hold the tabs so far, as copies; appended pairs become tabs, and ``selected``
    marks the tab with that index. ``names`` maps further entries to parameters of the hook.
    """
    return SeedCall(names=names, enter=_tabs_so_far, leave=_appended_tabs)


def admin_lists(**names: str) -> SeedCall:
    """Return the form of groupadminmenu: labels and links to append to, and ``names``.

    What is appended to ``attr_r``, the attributes of the links, is not used.
    """
    return SeedCall(names=names, enter=_entries_so_far, leave=_appended_entries)


def appended_text(name: str, **names: str) -> SeedCall:
    """Return the form of hooks that give a text to append to: it counts like one that is returned."""

    def leave(called: Called) -> object:
        text = called.left.get(name)
        if not isinstance(text, str):
            raise SeedFault(f"{name} was set to {text!r}; append to the text.")
        return [each for each in (text, *_values(called.returned)) if each != ""]

    return SeedCall(names=names, enter=lambda params, so_far: {name: ""}, leave=leave)


def menu_link(**query: str) -> MakeLink:
    """Return what makes a MenuItem of a declared link; ``query`` as in ``completed``."""

    def make(handle: str, link: LinkDeclaration, params: Params) -> MenuItem:
        return MenuItem(key=handle, title=link.title, url=completed(link.url, query, params))

    return make


def plain_link(**query: str) -> MakeLink:
    """Return what makes a Link of a declared link; ``query`` as in ``completed``."""

    def make(handle: str, link: LinkDeclaration, params: Params) -> Link:
        return Link(title=link.title, url=completed(link.url, query, params))

    return make


def public_area_link(**query: str) -> MakeLink:
    """Return what makes a PublicAreaItem of a declared link; ``query`` as in ``completed``."""

    def make(handle: str, link: LinkDeclaration, params: Params) -> PublicAreaItem:
        return PublicAreaItem(title=link.title, url=completed(link.url, query, params))

    return make


def completed(url: str, query: Mapping[str, str], params: Params) -> str:
    """Add to an address what tells the page where it was followed from.

    ``query`` maps names in the query to parameters of the hook. What the address holds is kept; a
    name that it holds already is not added.
    """
    parts = urlsplit(url)
    held = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({name: params[it] for name, it in query.items() if name not in held})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def free_keys(handle: str, taken: Container[str]) -> Iterable[str]:
    """Yield keys for items of a plugin that have none: the handle, handle-2, handle-3 and so on."""
    keys = chain([handle], (f"{handle}-{number}" for number in count(2)))
    return (key for key in keys if key not in taken)


def _tabs_so_far(params: Params, so_far: Sequence[object]) -> Mapping[str, object]:
    toptab = cast(str, params["toptab"])
    menu = menu_of(cast("Sequence[MenuItem | Selected]", so_far), toptab)
    keys = [item.key for item in menu.items]
    return {
        DIRS: [item.url for item in menu.items],
        TITLES: [str(item.title) for item in menu.items],
        TOPTAB: toptab,
        SELECTED: keys.index(menu.selected) if menu.selected in keys else NO_TAB,
    }


def _appended_tabs(called: Called) -> Sequence[object]:
    """Read the lists back: appended pairs, a newly set index, and what was returned besides."""
    before = [each for each in called.so_far if isinstance(each, MenuItem)]
    tabs = _appended_items(called, DIRS, TITLES)
    also = _values(called.returned)
    return [*tabs, *also, *_newly_selected(called, [*before, *tabs])]


def _entries_so_far(params: Params, so_far: Sequence[object]) -> Mapping[str, object]:
    items = [each for each in so_far if isinstance(each, MenuItem)]
    return {
        LABELS: [str(item.title) for item in items],
        LINKS: [item.url for item in items],
        ATTRIBUTES: [{} for _item in items],
    }


def _appended_entries(called: Called) -> Sequence[object]:
    return [*_appended_items(called, LINKS, LABELS), *_values(called.returned)]


def _appended_items(called: Called, addresses: str, words: str) -> list[MenuItem]:
    """Return the items that were appended to the list of addresses and the list of titles."""
    urls, titles = _appended(called, addresses), _appended(called, words)
    if len(urls) != len(titles):
        raise SeedFault(
            f"{len(urls)} addresses were appended to {addresses} and {len(titles)} titles to {words}; "
            "append to both."
        )
    taken = {each.key for each in called.so_far if isinstance(each, MenuItem)}
    keys = free_keys(current_plugin.get() or "plugin", taken)
    return [
        MenuItem(key=key, title=title, url=url)
        for key, title, url in zip(keys, titles, urls, strict=False)
    ]


def _values(returned: object) -> Sequence[object]:
    """Return what ``call_hook`` returned besides, as a sequence of values."""
    if isinstance(returned, (list, tuple)):
        return returned
    return () if returned is None else (returned,)


def _appended(called: Called, name: str) -> list[str]:
    """What was appended to a list; SeedFault when anything else happened to it."""
    given, left = cast("list[str]", called.given[name]), called.left.get(name)
    if not isinstance(left, list) or left[: len(given)] != given:
        raise SeedFault(f"{name} was changed otherwise than by appending; leave what is there.")
    added = left[len(given) :]
    if not all(isinstance(one, str) for one in added):
        raise SeedFault(f"Something that is no text was appended to {name}.")
    return added


def _newly_selected(called: Called, tabs: Sequence[MenuItem]) -> list[Selected]:
    index = called.left.get(SELECTED)
    if index == called.given[SELECTED]:
        return []
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(tabs):
        raise SeedFault(f"selected was set to {index!r}; it is an index of DIRS, from 0.")
    return [Selected(key=tabs[index].key)]
