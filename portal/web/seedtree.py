"""A small tree of a short piece of markup, for reading the forms that seed 004 prescribes.

Strict: markup that could not stand in a page is refused, and nothing of the text itself goes out
again; what is drawn from the tree is escaped anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markupsafe import Markup, escape

from portal.pluginengine.fragments import MAX_FRAGMENT_BYTES, markup_fault
from portal.pluginengine.seeds import SeedFault

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"})

NOTHING = Markup()


@dataclass
class Element:
    """An element with its attributes (names in lower case, entities decoded) and what it holds."""

    tag: str
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)

    @property
    def elements(self) -> list[Element]:
        """The elements directly inside."""
        return [each for each in self.children if isinstance(each, Element)]

    @property
    def text(self) -> str:
        """All text inside, white space collapsed."""
        return " ".join("".join(self._texts()).split())

    def walk(self) -> Iterator[Element]:
        """Yield every element inside, at any depth, in order."""
        for each in self.elements:
            yield each
            yield from each.walk()

    def _texts(self) -> Iterator[str]:
        for each in self.children:
            if isinstance(each, str):
                yield each
            elif each.tag == "br":
                yield " "
            else:
                yield from each._texts()


def parse(text: str) -> Element:
    """Return an element without a name that holds what the text says; comments are left out.

    Raises SeedFault for markup that is too long, leaves something open or gives an attribute twice.
    """
    plain = str(text)
    if len(plain) > MAX_FRAGMENT_BYTES:
        raise SeedFault(f"more than {MAX_FRAGMENT_BYTES} characters of markup")
    fault = markup_fault(plain)
    if fault:
        raise SeedFault(fault)
    reader = _Reader()
    reader.feed(plain)
    reader.close()
    return reader.root


def only(root: Element, expected: str) -> Element:
    """Return the one element that ``root`` holds beside white space; SeedFault otherwise."""
    if len(root.elements) != 1 or any(
        isinstance(each, str) and each.strip() for each in root.children
    ):
        raise SeedFault(f"expected {expected}")
    return root.elements[0]


def draw(element: Element) -> Markup:
    """Return the markup of what an element holds; for what has been allowed, or is cleaned next."""
    return Markup("").join(_drawn(each) for each in element.children)


def tagged(tag: str, attributes: Mapping[str, str | None], inner: Markup = NOTHING) -> Markup:
    """Return an element as markup; an attribute with None stands alone."""
    given = Markup("").join(
        Markup(" {}").format(name) if value is None else Markup(' {}="{}"').format(name, value)
        for name, value in attributes.items()
    )
    start = Markup("<{}{}>").format(tag, given)
    return start if tag in VOID else start + inner + Markup("</{}>").format(tag)


def _drawn(node: Element | str) -> Markup:
    if isinstance(node, str):
        return escape(node)
    return tagged(node.tag, node.attributes, draw(node))


class _Reader(HTMLParser):
    """Builds the tree of markup that has been found balanced."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)):
            raise SeedFault(f"<{tag}> has an attribute twice")
        element = Element(tag, dict(attrs))
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if len(self._open) > 1 and self._open[-1].tag == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
