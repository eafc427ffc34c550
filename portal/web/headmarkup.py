"""What may stand in the head of a page: a browser ends the head at the first thing that may not."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

from markupsafe import Markup

from portal.pluginengine.seeds import SeedFault

#: Types of script elements that hold data and are never run.
_DATA = frozenset({"application/ld+json", "application/json"})
_WHERE_ELSE = {
    "style": "CSS goes through the hook cssstyle, or cssfile",
    "script": "inline JavaScript goes through the hook javascript",
    "title": "the page has its title",
}


def read_head(value: str) -> Sequence[Markup]:
    """Markup of meta, link and script elements; scripts have a src, or hold JSON."""
    if not isinstance(value, Markup):
        raise SeedFault("expected Markup; text cannot stand in the head of a page")
    reader = _HeadReader()
    reader.feed(str(value))
    reader.close()
    if reader.fault:
        raise SeedFault(f"{reader.fault} in the head of a page")
    return [value]


class _HeadReader(HTMLParser):
    """Looks at the outermost elements and keeps the first fault."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fault = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self._in_script = True
            if "src" in given or (given.get("type") or "").lower() in _DATA:
                return
        elif tag in ("meta", "link"):
            return
        self._note(f"<{tag}> cannot stand{_advice(tag)}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._in_script:
            self._note(f"the text {data.strip()[:40]!r} cannot stand")

    def _note(self, fault: str) -> None:
        self.fault = self.fault or fault


def _advice(tag: str) -> str:
    return f" ({_WHERE_ELSE[tag]})" if tag in _WHERE_ELSE else ""
