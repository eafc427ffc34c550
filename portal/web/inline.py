"""Inline CSS and JavaScript of plugins: what can stand in an element that the core writes.

A text that left its element, or swallowed what other plugins wrote, would cost more than itself; it
is refused before it reaches a page (forge 1.2, 5 and 11; docs/decisions/0006-inline-text-by-hash.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.pluginengine.fragments import MAX_FRAGMENT_BYTES
from portal.pluginengine.seeds import SeedFault
from portal.web.security import InlineElement, InlineFault, refuse_leaving

_LANGUAGES: dict[InlineElement, str] = {"style": "CSS", "script": "JavaScript"}

#: What brackets are not counted in: comments, strings, unquoted addresses, escapes.
_CSS_OPAQUE = re.compile(
    r"""/\*.*?\*/ | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | url\(\s*[^"'()\s][^()]*\) | \\.""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_CSS_OPEN = re.compile(r"/\*|[\"']")
_CSS_CLOSING = {")": "(", "]": "[", "}": "{"}


def read_css(text: str) -> Sequence[str]:
    """Pure CSS, without a style element; everything that it opens is closed."""
    css = _plain(text, "style")
    fault = _css_fault(css)
    if fault:
        raise SeedFault(f"this CSS would swallow what follows it: {fault}")
    return [css] if css else []


def read_javascript(text: str) -> Sequence[str]:
    """Pure JavaScript, without a script element."""
    script = _plain(text, "script")
    return [script] if script else []


def _plain(text: str, element: InlineElement) -> str:
    """Return the text with line ends as browsers read them; SeedFault for what cannot stand there."""
    language = _LANGUAGES[element]
    plain = str(text).strip().replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) > MAX_FRAGMENT_BYTES:
        raise SeedFault(f"more than {MAX_FRAGMENT_BYTES} characters of {language}; give a file")
    try:
        refuse_leaving(element, plain)
    except InlineFault as fault:
        raise SeedFault(f"expected pure {language}: {fault}") from fault
    return plain


def _css_fault(css: str) -> str:
    """Say what the text leaves open or closes too often; "" when it is whole."""
    bare = _CSS_OPAQUE.sub(" ", css)
    unfinished = _CSS_OPEN.search(bare)
    if unfinished:
        return f"{unfinished.group()} is not closed"
    still_open: list[str] = []
    for mark in re.findall(r"[(){}\[\]]", bare):
        if mark not in _CSS_CLOSING:
            still_open.append(mark)
        elif not still_open or still_open.pop() != _CSS_CLOSING[mark]:
            return f"{mark} closes nothing"
    return f"{still_open[-1]} is not closed" if still_open else ""
