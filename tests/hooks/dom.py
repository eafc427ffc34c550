"""A page as a tree of elements, for tests that ask in which element something stands."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"})


class Element:
    """One element: its tag, attributes, children and the element around it."""

    def __init__(self, tag: str, attributes: dict[str, str], around: Element | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.around = around
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def text(self) -> str:
        """All text inside, white space collapsed."""
        return " ".join(self.raw.split())

    @property
    def raw(self) -> str:
        """All text inside, as written."""
        return "".join(each if isinstance(each, str) else each.raw for each in self.children)

    @property
    def path(self) -> str:
        """The tags from the root to this element: "html body main"."""
        return f"{self.around.path} {self.tag}".strip() if self.around is not None else self.tag

    def inside(self) -> Iterator[Element]:
        """Yield every element inside, in document order."""
        for each in self.children:
            if isinstance(each, Element):
                yield each
                yield from each.inside()

    def all(self, tag: str = "", text: str | None = None, **attributes: str) -> list[Element]:
        """Return the elements inside that fit; ``class_`` asks for one of the classes."""
        wanted = attributes.pop("class_", "")
        return [
            each
            for each in self.inside()
            if tag in ("", each.tag)
            and (text is None or each.text == text)
            and wanted in ["", *each.attributes.get("class", "").split()]
            and attributes.items() <= each.attributes.items()
        ]

    def one(self, tag: str = "", text: str | None = None, **attributes: str) -> Element:
        """Return the only element inside that fits."""
        (found,) = self.all(tag, text, **attributes)
        return found

    def within(self, tag: str) -> Element:
        """Return the nearest element around this one with that tag."""
        found = self.around
        while found is not None and found.tag != tag:
            found = found.around
        assert found is not None, f"{self.path} stands in no <{tag}>"
        return found


def parse(page: str) -> Element:
    """Return the root of a page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, None)
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        element = Element(tag, given, self._open)
        self._open.children.append(element)
        if tag not in VOID:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.tag == tag, f"</{tag}> comes while <{self._open.tag}> is open"
        assert self._open.around is not None
        self._open = self._open.around

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)
