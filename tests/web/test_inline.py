"""Inline CSS and JavaScript: honest texts come through as they are, others not at all."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from portal.pluginengine.seeds import SeedFault
from portal.web.headmarkup import read_head
from portal.web.inline import read_css, read_javascript
from portal.web.security import InlineFault, refuse_leaving

HONEST_CSS = [
    "p { color: red }",
    "@media (width >= 40rem) { a[href^='http'] > b::after { content: \"}\" } }",
    "p::before { content: '/*' } /* { ' */ b { quotes: '\\'' }",
    "a { background: url(data:image/png;base64,AA//BB==) }",
    "a { background: url('/x).png') }",
    "a { background: url( /x{.png ) }",
    ".a\\{b { color: red }",
    "p { --empty: ; }\n\n:root { --x: { y: z } }",
    "",
]
BROKEN_CSS = [
    "p { color: red",
    "p { color: red }}",
    "p { width: calc(1px + (2px }",
    "a[href { }",
    "/* open",
    "p { content: 'open }",
    'p { content: "line\nbreak" }',
]
SCRIPTS = [
    "f()",
    "if (a < b && c > d) { g(`${x}`) } // so",
    "let x = 1\nlet y = /[<>]/",
    "while (n --> 0) { }",
    "this is { no JavaScript",
]


@pytest.mark.parametrize("text", HONEST_CSS)
def test_whole_css_comes_through(text: str) -> None:
    """Brackets in strings, comments and addresses are no brackets."""
    assert list(read_css(text)) == ([text] if text else [])


@pytest.mark.parametrize("text", BROKEN_CSS)
def test_css_that_would_swallow_what_follows_is_refused(text: str) -> None:
    """Docs/decisions/0006: it stands in one element with that of other plugins."""
    with pytest.raises(SeedFault, match="swallow"):
        read_css(text)


@pytest.mark.parametrize("text", SCRIPTS)
def test_javascript_comes_through_whatever_its_syntax(text: str) -> None:
    """It stands alone, so that a mistake costs only itself."""
    assert list(read_javascript(text)) == [text]


def test_line_ends_are_those_that_browsers_hash() -> None:
    """HTML parsers turn CR LF into LF before anything is hashed."""
    assert list(read_javascript(" a\r\nb\rc ")) == ["a\nb\nc"]


def test_markup_is_text_like_any_other() -> None:
    """A text that calls itself markup is neither escaped nor trusted."""
    (text,) = read_css(Markup("a > b { }"))
    assert (type(text), text) == (str, "a > b { }")


@pytest.mark.parametrize(
    "text", ["</script", "</SCRIPT>", "<script>", "<!--", "\0", "\r", "\ud800"]
)
def test_nothing_leaves_a_script_element(text: str) -> None:
    """HTML, script data states."""
    with pytest.raises(InlineFault):
        refuse_leaving("script", f"x = '{text}'")


def test_the_head_reader_gives_back_what_it_was_given() -> None:
    """It judges, it does not rewrite."""
    markup = Markup('<meta name="a" content="&lt;b&gt;">\n<!-- x --><link rel="me" href="/x"/>')
    assert list(read_head(markup)) == [markup]
