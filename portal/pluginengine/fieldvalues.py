"""What a piece of form markup would send unchanged: so that the core can tell which fields were touched.

A plugin's fields beside its switch are only markup to us (groupisactivecheckbox). To know whether a
submit changed them, the fields are drawn once more and their initial values compared with the posted ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = Mapping[str, str | None]

#: Input types that a browser never sends by itself, or that have no initial value.
_SILENT = frozenset({"submit", "button", "image", "reset", "file"})


def initial_values(markup: str) -> dict[str, list[str]]:
    """Return the values by field name that a browser would send for ``markup`` left as it is."""
    reader = _Fields()
    reader.feed(markup)
    reader.close()
    return reader.values


def changed_fields(markup: str, posted: Iterable[tuple[str, str]]) -> bool:
    """Tell whether the posted pairs differ from what ``markup`` would send unchanged.

    Line ends are compared as browsers send them (CR LF).
    """
    before = {name: sorted(map(_plain, values)) for name, values in initial_values(markup).items()}
    after: dict[str, list[str]] = {}
    for name, value in posted:
        after.setdefault(name, []).append(_plain(value))
    return before != {name: sorted(values) for name, values in after.items()}


def _plain(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


@dataclass
class _Select:
    """A select element while it is being read."""

    name: str
    takes_many: bool
    options: list[tuple[str | None, str, bool]] = field(default_factory=list)

    def chosen(self) -> list[str]:
        values = [(text if value is None else value, on) for value, text, on in self.options]
        marked = [value for value, on in values if on]
        if self.takes_many:
            return marked
        return marked[-1:] or [value for value, _on in values[:1]]


class _Fields(HTMLParser):
    """Collects the successful controls of HTML's form submission, disabled ones left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, list[str]] = {}
        self._select: _Select | None = None
        self._in_option = False
        self._textarea: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if tag == "option" and self._select is not None and "disabled" not in about:
            self._select.options.append((about.get("value"), "", "selected" in about))
            self._in_option = True
        name = about.get("name") or ""
        if not name or "disabled" in about:
            return
        if tag == "input":
            self._take_input(name, about)
        elif tag == "select":
            self._select = _Select(name, "multiple" in about)
        elif tag == "textarea":
            self._textarea, self._text = name, ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self._in_option = False
        elif tag == "select" and self._select is not None:
            for value in self._select.chosen():
                self._add(self._select.name, value)
            self._select = None
        elif tag == "textarea" and self._textarea is not None:
            self._add(self._textarea, self._text.removeprefix("\n"))
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text += data
        elif self._in_option and self._select is not None:
            value, text, is_on = self._select.options[-1]
            self._select.options[-1] = (value, " ".join((text + data).split()), is_on)

    def _take_input(self, name: str, about: Attributes) -> None:
        kind = (about.get("type") or "text").lower()
        if kind in _SILENT:
            return
        if kind in ("checkbox", "radio"):
            if "checked" in about:
                self._add(name, about.get("value") or ("" if "value" in about else "on"))
            return
        self._add(name, about.get("value") or "")

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)
