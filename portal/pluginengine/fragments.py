"""Escaping, checking and joining what handlers give for a page: the only place that makes Markup.

A fragment that leaves an element open would swallow the rest of the page, so each is read once by
an HTML parser before it may go out (spec/engineering.md 3, "Isolation of markup").
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from html.parser import HTMLParser
from threading import Lock

from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

#: The largest fragment that a handler may give, in bytes of UTF-8.
MAX_FRAGMENT_BYTES = 256 * 1024

#: How many verdicts a checker remembers; a verdict is a few dozen bytes.
REMEMBERED_VERDICTS = 4096

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
    | {"source", "track", "wbr"}
)
#: Inside these the slash of ``<path/>`` closes the element; in HTML it means nothing.
_FOREIGN = frozenset({"svg", "math"})
#: Elements of the document itself, and one that nothing can close.
#: Half a character, which cannot be sent.
_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: Browsers read these elements as text, where a comment can hide their end and swallow the page.
_SWALLOWING = re.compile(
    r"<(script|style|title|textarea|noscript|iframe|xmp|noembed|noframes)\b[^>]*>(?:(?!</\1\b).)*?<!--",
    re.IGNORECASE | re.DOTALL,
)
_FORBIDDEN = frozenset({"html", "head", "body", "frameset", "plaintext"})


class FragmentFault(ValueError):
    """A handler's markup cannot stand in a page; the text names the tag."""


def join(parts: Iterable[Markup]) -> Markup:
    """Put checked fragments one after the other."""
    return Markup("").join(parts)


def plain_text(value: str | LazyString) -> Markup:
    """Escape text; also what calls itself safe without being Markup, as lazy translations do."""
    return escape(str(value))


class FragmentChecker:
    """Turns a handler's value into markup that cannot break the page around it.

    Verdicts are kept by the text's hash and length (Python's keyed 64-bit hash), so each distinct
    text is parsed once; the texts themselves are not kept. Safe for threads.
    """

    def __init__(
        self, max_bytes: int = MAX_FRAGMENT_BYTES, remembered: int = REMEMBERED_VERDICTS
    ) -> None:
        self._max_bytes = max_bytes
        self._remembered = remembered
        self._verdicts: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._lock = Lock()

    def checked(self, value: object) -> Markup:
        """Return the value as markup; plain text is escaped.

        Raises TypeError for anything but Markup and text, FragmentFault for markup that is too
        large or that leaves an element open.
        """
        if isinstance(value, Markup):
            self._refuse_oversize(value)
            fault = self._verdict(value)
            if fault:
                raise FragmentFault(fault)
            return value
        if isinstance(value, (str, LazyString)):
            text = plain_text(value)
            self._refuse_oversize(text)
            return text
        raise TypeError(f"expected markup or text, got {type(value).__qualname__}")

    def _refuse_oversize(self, text: str) -> None:
        if _SURROGATE.search(text):
            raise FragmentFault("a lone surrogate, which no page can hold")
        # A character takes at most four bytes, so short texts need no encoding to be measured.
        if len(text) * 4 > self._max_bytes:
            size = len(text.encode("utf-8", "surrogatepass"))
            if size > self._max_bytes:
                raise FragmentFault(f"{size} bytes of markup; the limit is {self._max_bytes}")

    def _verdict(self, text: str) -> str:
        key = (hash(text), len(text))
        with self._lock:
            known = self._verdicts.get(key)
            if known is not None:
                self._verdicts.move_to_end(key)
                return known
        hidden = _SWALLOWING.search(text)
        fault = f"a comment inside <{hidden[1].lower()}>" if hidden else markup_fault(text)
        with self._lock:
            self._verdicts[key] = fault
            while len(self._verdicts) > self._remembered:
                self._verdicts.popitem(last=False)
        return fault


def markup_fault(text: str) -> str:
    """Say what is wrong with a piece of markup, or "" when it can stand anywhere in a page.

    Stricter than browsers on purpose: every element that is not void must be closed in order,
    also where HTML lets the end tag be left out.
    """
    reader = _Balance()
    # References stay what they are: "&lt;b" read as "<b" would look like a tag left open.
    try:
        reader.feed(text.replace("&", "&amp;"))
    except AssertionError:  # how the parser says that a declaration makes no sense to it
        return "a declaration in it cannot be read"
    reader.finish()
    return reader.fault


class _Balance(HTMLParser):
    """Follows the open elements and keeps the first fault."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fault = ""
        self._open: list[str] = []

    def finish(self) -> None:
        """Judge the end of the text: what the parser could not finish and what is still open."""
        if "<" in self.rawdata and not self._in_text_element():
            self._note("a tag or comment at the end is not finished")
        if self._open:
            self._note(f"<{self._open[-1]}> is not closed")
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN:
            self._note(f"<{tag}> does not belong in a fragment")
        elif tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not _FOREIGN.intersection((*self._open, tag)):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self._open:
            self._note(f"</{tag}> closes nothing")
        elif self._open[-1] != tag:
            self._note(f"</{tag}> comes while <{self._open[-1]}> is open")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        # The parser hands a tag that it cannot read (a quote left open) over as text.
        looks_like_tag = data[:1] == "<" and (data[1:2].isalpha() or data[1:2] == "/")
        if looks_like_tag and not self._in_text_element():
            self._note(f"{data[:20]!r} is not a complete tag")

    def handle_comment(self, data: str) -> None:
        if data.startswith((">", "->")) or "--!>" in data:
            self._note("a comment ends early for browsers")

    def handle_decl(self, decl: str) -> None:
        self._note("a document type does not belong in a fragment")

    def handle_pi(self, data: str) -> None:
        self._note("a processing instruction does not belong in a fragment")

    def unknown_decl(self, data: str) -> None:
        self._note("a CDATA section does not belong in a fragment")

    def _in_text_element(self) -> bool:
        return self.cdata_elem is not None

    def _note(self, fault: str) -> None:
        self.fault = self.fault or fault
