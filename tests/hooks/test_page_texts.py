"""What plugins may say in a page's head, style, scripts and banner, and what is left out of it."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup

from tests.hooks.probing import ProbedSite

HOOKS = ("cssfile", "cssstyle", "javascript", "javascript_file", "htmlhead", "message")
PATH = "/groups/apollo/"


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with two plugins that answer what a test gives them; ``first`` stands first."""
    probed.run_open("first", *HOOKS)
    probed.run_open("second", *HOOKS)
    return probed


@pytest.fixture(autouse=True)
def silent(site: ProbedSite) -> None:
    """Both plugins have nothing to say when a test begins."""
    site.give("first")
    site.give("second")
    site.incidents()


def text(site: ProbedSite, viewer: str = "") -> str:
    """Return the page as a person sees it."""
    answer = site.as_(viewer).get(PATH)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("nothing", [None, "", " \n", Markup(""), Markup(" "), []], ids=repr)
def test_where_nothing_is_said_the_page_has_the_bytes_it_has_without_plugins(
    site: ProbedSite, nothing: Any
) -> None:
    """No empty element is left behind."""
    without = text(site)
    hooks = ("cssstyle", "javascript", *(("message",) if nothing != [] else ()))
    site.give("first", **dict.fromkeys(hooks, nothing))
    assert text(site) == without
    assert site.incidents() == []


def test_a_link_element_is_a_style_sheet(site: ProbedSite) -> None:
    """Seed 004, cssfile: a complete link element."""
    link = (
        '<link rel="stylesheet" type="text/css" href="/plugins/first/static/x.css" media="print">'
    )
    site.give("first", cssfile=link)
    page = site.page(PATH)
    found = page.one("link", href="/plugins/first/static/x.css")
    assert (found["media"], found["rel"], found.path) == ("print", "stylesheet", "html head link")


def test_pure_css_of_all_plugins_stands_in_one_style_element(site: ProbedSite) -> None:
    """Seed 004, cssstyle: pure CSS, without surrounding style elements."""
    site.give("first", cssstyle="\n.first > p { color: red }\r\n")
    site.give("second", cssstyle=Markup(".second::after { content: '}' }"))
    (style,) = site.page(PATH).all("style")
    assert sorted(style.raw.split("\n")) == [
        ".first > p { color: red }",
        ".second::after { content: '}' }",
    ]


def test_pure_javascript_of_each_plugin_stands_in_an_element_of_its_own(site: ProbedSite) -> None:
    """Seed 004, javascript; docs/decisions/0006: a mistake in one does not silence the other."""
    site.give("first", javascript="this is no script {{{ `")
    site.give("second", javascript="let ok = 1 // fine")
    inline = [each.raw for each in site.page(PATH).all("script") if "src" not in each.attributes]
    assert sorted(inline) == ["{\nlet ok = 1 // fine\n}", "{\nthis is no script {{{ `\n}"]
    assert site.incidents() == []


def test_the_same_address_is_loaded_once(site: ProbedSite) -> None:
    """Two plugins may need the same library; which hook gave it does not matter."""
    address = "/plugins/first/static/lib.js"
    for name in ("first", "second"):
        module = site.engine.plugins[name].instance.asset
        asset = type(module("x.js"))(kind="js", url=address)
        site.give(name, javascript_file=[asset], cssfile=asset)
    page = site.page(PATH)
    assert [each.path for each in page.all("script", src=address)] == ["html body script"]


def test_the_banner_joins_what_the_plugins_say_and_escapes_text(site: ProbedSite) -> None:
    """Design 5: plain text is escaped."""
    site.give("first", message="1 < 2")
    site.give("second", message=Markup("<p>Closed on <b>Monday</b></p>"))
    banner = site.page(PATH).one("aside", class_="site-message")
    assert banner.text in ("1 < 2Closed on Monday", "Closed on Monday1 < 2")
    assert [each.text for each in banner.all("b")] == ["Monday"]


@pytest.mark.parametrize("markup", [
    '<meta name="a" content="b"><link rel="alternate" type="application/atom+xml" href="/feed">',
    '<!-- ours --><script src="/plugins/first/static/x.js"></script>',
    '<script type="application/ld+json">{"@type": "Thing"}</script>',
])  # fmt: skip
def test_the_head_takes_meta_link_and_script(site: ProbedSite, markup: str) -> None:
    """Forge 2, htmlhead."""
    site.give("first", htmlhead=Markup(markup))
    assert f"{markup}\n</head>" in text(site)
    assert site.incidents() == []


WRONG = {
    "css with its element": ("cssstyle", "<style>p { color: red }</style>", "<style"),
    "css that leaves its element": ("cssstyle", "p { content: '</STYLE><b>' }", "</STYLE"),
    "css with an open brace": ("cssstyle", "p { color: red", "{ is not closed"),
    "css with an open comment": ("cssstyle", "p { } /* so", "/* is not closed"),
    "css with an open string": ("cssstyle", "p { content: 'x }", "' is not closed"),
    "css that closes too much": ("cssstyle", "p { } }", "} closes nothing"),
    "css of another kind": ("cssstyle", 7, "expects str"),
    "css without end": ("cssstyle", "/* */" * 100_000, "more than 262144 characters"),
    "script with its element": ("javascript", "<script>f()</script>", "<script"),
    "script that leaves its element": ("javascript", "x = '</ScRiPt >'", "</ScRiPt"),
    "script that opens a comment": ("javascript", "x = '<!--'", "<!--"),
    "script with a character that browsers replace": ("javascript", "x = '\0'", r"'\x00'"),
    "script that is no text": ("javascript", {"x": 1}, "expects str"),
    "file of no kind": ("javascript_file", "/x.js", "expects Asset"),
    "link that is no style sheet": ("cssfile", '<link rel="icon" href="/x">', "rel="),
    "link elsewhere": ("cssfile", '<link rel="stylesheet" href="javascript:x">', "address"),
    "paragraph in the head": ("htmlhead", Markup("<p>x</p>"), "<p> cannot stand"),
    "text in the head": ("htmlhead", Markup("hello <meta name='a'>"), "the text 'hello'"),
    "plain text for the head": ("htmlhead", "<meta name='a'>", "expected Markup"),
    "inline script in the head": ("htmlhead", Markup("<script>f()</script>"), "hook javascript"),
    "inline style in the head": ("htmlhead", Markup("<style>p {}</style>"), "hook cssstyle"),
    "a second title": ("htmlhead", Markup("<title>x</title>"), "has its title"),
    "open script in the head": ("htmlhead", Markup('<script src="/x">'), "is not closed"),
    "open element in the banner": ("message", Markup("<div><p>x</p>"), "<div> is not closed"),
    "banner that ends the page": ("message", Markup("</body>"), "closes nothing"),
}  # fmt: skip


@pytest.mark.parametrize(("hook", "answer", "cause"), WRONG.values(), ids=WRONG)
def test_what_cannot_stand_is_left_out_and_named(
    site: ProbedSite, hook: str, answer: Any, cause: str
) -> None:
    """Design 5, Isolation: the bytes without it, the other plugin's part untouched, one incident."""
    good = {
        "cssstyle": "b { color: blue }",
        "javascript": "let fine",
        "message": "Good",
        "htmlhead": Markup('<meta name="good">'),
    }
    site.give("second", **good)
    without = text(site)
    site.give("first", **{hook: answer})
    assert text(site) == without
    ((plugin, failed, error),) = site.incidents()
    assert (plugin, failed) == ("first", hook)
    assert cause in error


def test_a_failure_in_the_head_is_told_on_the_same_page_to_site_admins(site: ProbedSite) -> None:
    """The layout asks for all of it before it draws the notices."""
    for hook in HOOKS:
        site.give("first", **{hook: lambda given: 1 / 0})
        page = site.page(PATH, "admin")
        notice = page.one("section", **{"aria-label": "Plugin incidents"})
        assert hook in notice.text
        assert "ZeroDivisionError" in notice.text
        (incident,) = site.engine.health.incidents()
        link = notice.one("a", text=f"Incident {incident.id}")
        assert link["href"] == f"/admin/plugins/incidents#incident-{incident.id}"
        assert "ZeroDivisionError" not in text(site, "alice")
        site.incidents()
