"""Markup of handlers: escaped when plain, refused when it would break the page around it."""

from __future__ import annotations

import pytest
from flask_babel.speaklater import LazyString
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from portal.pluginengine.fragments import (
    MAX_FRAGMENT_BYTES,
    FragmentChecker,
    FragmentFault,
    join,
    markup_fault,
)

GOOD = [
    "",
    "just text & more",
    "a < b",
    "<p>one</p><p>two</p>",
    "<P>case</p>",
    "<br><img src=x><input disabled><hr/>",
    "<tr><td>a</td><td>b</td></tr>",
    '<a title="1 > 0" href="/x">x</a>',
    '<input value="a<b">',
    "<!-- a comment -->",
    "<script>if (a<b && c>d) { x('</p>') }</script>",
    "<style>a > b {}</style>",
    '<svg viewBox="0 0 1 1"><path d="M0"/><g><circle/></g></svg>',
    "<svg/>",
    "half an entity &amp",
    "<p>&lt;b&gt; written out</p>",
    "&#60;b <i>&#x3C;/p</i> &# &",
    "<>",
]

BAD = {
    "<p>one": "<p> is not closed",
    "<b><i>x</b></i>": "</b> comes while <i> is open",
    "</div>": "</div> closes nothing",
    "<ul><li>one<li>two</ul>": "</ul> comes while <li> is open",
    "<div/>": "<div> is not closed",
    "<div class='x": "not finished",
    '<img alt="x>': "not finished",
    "text <": "not finished",
    "</div": "not finished",
    "<!-- no end": "not finished",
    "<!--> <div> -->": "a comment ends early",
    "<!-- a --!> <div> -->": "a comment ends early",
    "<script>x": "<script> is not closed",
    "<![CDATA[ x ]]>": "CDATA",
    "<![<": "declaration",
    "<!DOCTYPE html>": "document type",
    "<?php x ?>": "processing instruction",
    "<body>x</body>": "<body> does not belong",
    "<plaintext>": "<plaintext> does not belong",
}


@pytest.fixture
def checker() -> FragmentChecker:
    """A checker with its usual limits."""
    return FragmentChecker()


@pytest.mark.parametrize("text", GOOD)
def test_balanced_markup_passes_unchanged(checker: FragmentChecker, text: str) -> None:
    """Spec 1A, part 3: isolation of markup."""
    assert checker.checked(Markup(text)) == text


@pytest.mark.parametrize(("text", "fault"), BAD.items())
def test_markup_that_breaks_the_page_is_refused_naming_the_tag(text: str, fault: str) -> None:
    """Unclosed or misnested: the fault names the tag."""
    with pytest.raises(FragmentFault) as refused:
        FragmentChecker().checked(Markup(text))
    assert fault in str(refused.value)


def test_plain_text_is_escaped(checker: FragmentChecker) -> None:
    """Design 5: plain text is escaped."""
    result = checker.checked("<b>&")
    assert result == "&lt;b&gt;&amp;"
    assert isinstance(result, Markup)


def test_a_lazy_translation_is_text_although_it_calls_itself_html(checker: FragmentChecker) -> None:
    """flask-babel's lazy strings have an ``__html__`` that escapes nothing."""
    assert checker.checked(LazyString(lambda: "<b>")) == "&lt;b&gt;"


@pytest.mark.parametrize("value", [3, b"bytes", ["a"], object()])
def test_anything_else_is_refused(checker: FragmentChecker, value: object) -> None:
    """Only markup and text."""
    with pytest.raises(TypeError, match=type(value).__name__):
        checker.checked(value)


def test_a_fragment_has_a_largest_size_in_bytes(checker: FragmentChecker) -> None:
    """256 kB of UTF-8, after escaping."""
    assert MAX_FRAGMENT_BYTES == 256 * 1024
    fits = Markup("x" * MAX_FRAGMENT_BYTES)
    assert checker.checked(fits) is fits
    for too_large in (fits + "x", Markup("ä" * (MAX_FRAGMENT_BYTES // 2 + 1))):
        with pytest.raises(FragmentFault, match="limit is 262144"):
            checker.checked(too_large)
    with pytest.raises(FragmentFault):
        checker.checked("&" * (MAX_FRAGMENT_BYTES // 2))


def test_each_distinct_text_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is remembered, the good and the bad alike."""
    judged: list[str] = []

    def judge(text: str) -> str:
        judged.append(text)
        return "bad" if text == "<b>" else ""

    monkeypatch.setattr("portal.pluginengine.fragments.markup_fault", judge)
    checker = FragmentChecker()
    for _ in range(3):
        checker.checked(Markup("fine"))
        with pytest.raises(FragmentFault):
            checker.checked(Markup("<b>"))
    assert judged == ["fine", "<b>"]


def test_the_memory_of_verdicts_is_bounded_and_forgets_the_oldest() -> None:
    """Bounded LRU."""
    checker = FragmentChecker(remembered=2)
    for text in ("one", "two", "one", "three"):
        checker.checked(Markup(text))
    keys = {length for _hash, length in checker._verdicts}
    assert keys == {len("one"), len("three")}


def test_joined_fragments_are_markup_in_order() -> None:
    """The only place that makes Markup."""
    joined = join([Markup("<i>"), Markup("a"), Markup("</i>")])
    assert joined == "<i>a</i>"
    assert isinstance(joined, Markup)
    assert join([]) == ""


@given(st.text(alphabet="<>/!-ab='\" ?&[]", max_size=40))
def test_any_text_gets_a_verdict(text: str) -> None:
    """The parser never raises, and two fragments that pass also pass joined."""
    fault = markup_fault(text)
    if not fault:
        assert not markup_fault(f"<div>{text}</div>")


@pytest.mark.parametrize(
    "text",
    [
        "<script><!--<script></script>",
        '<script src="/x.js"><!--<script></script>',
        "<iframe><!-- </iframe><plaintext> --></iframe>",
        "<noscript><!-- </noscript> --></noscript>",
        "<p>\ud800</p>",
    ],
)
def test_markup_that_would_swallow_the_page_is_refused(text: str) -> None:
    """Found by attack: browsers read these elements as text, so a comment in them can hide their end."""
    with pytest.raises(FragmentFault):
        FragmentChecker().checked(Markup(text))
