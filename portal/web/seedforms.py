"""The forms in which seed 004 lets a handler answer: a ``<link>``, an ``<li>``, a two-cell ``<tr>``.

Each reader takes the text that one handler returned and gives the values that it stands for; one
form a text, a list of texts for several. Anything else is refused (SeedFault), the handler's fault.
"""

from __future__ import annotations

from collections.abc import Sequence

import nh3
from flask import has_app_context
from markupsafe import Markup

from portal.pluginengine.context import current_plugin
from portal.pluginengine.engine import current_engine
from portal.pluginengine.seeds import SeedFault
from portal.web.assets import Asset
from portal.web.navigation import Link, PublicAreaItem, Section
from portal.web.seedfields import TEXT_LEVEL, draw_fields, draw_row
from portal.web.seedtree import Element, draw, only, parse

_LINK_ATTRIBUTES = frozenset({"rel", "href", "media", "type", "title", "charset", "id"})

#: What authors put between a link and the words that describe it.
_SEPARATORS = " -–—:·|"


def read_style_link(text: str) -> Sequence[Asset]:
    """A complete <link rel="stylesheet" href="..."> element."""
    if not text.strip():
        return ()
    expected = 'one complete <link rel="stylesheet" href="..."> element'
    link = only(parse(text), expected)
    given = link.attributes
    unknown = sorted(given.keys() - _LINK_ATTRIBUTES)
    if link.tag != "link" or (given.get("rel") or "").strip().lower() != "stylesheet":
        raise SeedFault(f"expected {expected}")
    if unknown:
        raise SeedFault(f"the attribute {unknown[0]} is not taken over; expected {expected}")
    if (given.get("type") or "text/css").strip().lower() != "text/css":
        raise SeedFault(f"the type of a style sheet is text/css, not {given['type']!r}")
    media = (given.get("media") or "").strip() or "all"
    return (Asset(kind="css", url=(given.get("href") or "").strip(), media=media),)


def read_list_item(text: str) -> Sequence[Link]:
    """An <li> block with one <a href="...">; what stands beside the link describes it."""
    return _read_link(text, ("li",), 'one <li> with one <a href="..."> in it')


def read_paragraph_link(text: str) -> Sequence[Link]:
    """An <a href="..."> alone or in a <p>; what stands beside the link describes it."""
    return _read_link(text, ("a", "p"), 'one <a href="...">, alone or in a <p>')


def read_public_area(text: str) -> Sequence[PublicAreaItem]:
    """One or several <a href="...">, each alone or in an <li>, <p> or <div> with its figures."""
    expected = 'elements with one <a href="..."> in each'
    items: list[PublicAreaItem] = []
    for block in parse(text).children if text.strip() else ():
        if isinstance(block, Element):
            link = _link_in(block, ("a", "li", "p", "div"), expected)
            items.append(PublicAreaItem(title=link.title, url=link.url, summary=link.description))
        elif block.strip():
            raise SeedFault(f"expected {expected}")
    return items


def read_field_row(text: str) -> Sequence[Markup] | None:
    """A <tr> of two cells: a label and fields whose names begin with the plugin's handle and _."""
    if _begins_with_row(text):
        return (draw_row(_cells(text, "one <tr> of two cells", spanning=False), _handle()),)
    return (draw_fields(parse(text), _handle()),) if isinstance(text, Markup) else None


def read_detail(text: str) -> Sequence[Section]:
    """Markup, or a <tr> of two cells (title and text), or of one spanning both."""
    if not text.strip():
        return ()
    return read_detail_row(text) if _begins_with_row(text) else (_section(_plugin_name(), text),)


def read_detail_row(text: str) -> Sequence[Section]:
    """A <tr> of two cells (title and text), or of one spanning both."""
    if not text.strip():
        return ()
    cells = _cells(text, "one <tr> of two cells, or of one with colspan=2", spanning=True)
    title = cells[0].text if len(cells) == 2 else _plugin_name()
    return (_section(title, draw(cells[-1])),)


def _read_link(text: str, outer: tuple[str, ...], expected: str) -> Sequence[Link]:
    if not text.strip():
        return ()
    return (_link_in(only(parse(text), expected), outer, expected),)


def _link_in(block: Element, outer: tuple[str, ...], expected: str) -> Link:
    inside = [block, *block.walk()]
    anchors = [each for each in inside if each.tag == "a"]
    if block.tag not in outer or len(anchors) != 1:
        raise SeedFault(f"expected {expected}")
    for each in inside[1:]:
        if each.tag not in TEXT_LEVEL:
            raise SeedFault(f"<{each.tag}> cannot stand there; expected {expected}")
    anchor = anchors[0]
    url, title = (anchor.attributes.get("href") or "").strip(), anchor.text
    anchor.children.clear()
    return Link(title=title, url=url, description=block.text.lstrip(_SEPARATORS))


def _begins_with_row(text: str) -> bool:
    return text.lstrip()[:3].lower() == "<tr" and text.lstrip()[3:4] in (" ", ">", "\t", "\n", "\r")


def _cells(text: str, expected: str, *, spanning: bool) -> list[Element]:
    row = only(parse(text), expected)
    cells = row.elements
    stray = any(isinstance(each, str) and each.strip() for each in row.children)
    if row.tag != "tr" or stray or any(each.tag not in ("td", "th") for each in cells):
        raise SeedFault(f"expected {expected}")
    spans_both = len(cells) == 1 and (cells[0].attributes.get("colspan") or "").strip() == "2"
    if len(cells) != 2 and not (spanning and spans_both):
        raise SeedFault(f"expected {expected}, got {len(cells)}")
    return cells


def _section(title: str, markup: str) -> Section:
    """A section whose markup has lost everything but text, lists, tables, links and images."""
    return Section(key=_handle(), title=title, html=Markup(nh3.clean(str(markup))))  # noqa: S704


def _handle() -> str:
    return current_plugin.get() or "plugin"


def _plugin_name() -> str:
    """The name of the plugin whose handler is running, as its manifest gives it."""
    plugin = current_engine().plugins.get(_handle()) if has_app_context() else None
    return plugin.manifest.name if plugin is not None else _handle()
