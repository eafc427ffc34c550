"""What every page offers: style sheets, inline text, scripts, head and banner, in the page's scope."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest

from tests.hooks.dom import Element
from tests.hooks.probing import VIEWERS, ProbedSite

CSS = ".probe > p { color: red }"
SCRIPT = 'let probe = 1 < 2 && "ä"'
ANSWERS = {
    "cssfile": 'return self.asset("probe.css", media="print")',
    "cssstyle": f"return {CSS!r}",
    "javascript": f"return {SCRIPT!r}",
    "javascript_file": 'return self.asset("probe.js")',
    "htmlhead": """return Markup('<meta name="probe" content="head">')""",
    "message": """return Markup('<p id="probe">Read this</p>')""",
}

FIND: dict[str, Callable[[Element], list[Element]]] = {
    "cssfile": lambda page: page.all("link", media="print"),
    "cssstyle": lambda page: page.all("style"),
    "javascript": lambda page: [each for each in page.all("script") if SCRIPT in each.raw],
    "javascript_file": lambda page: [
        each for each in page.all("script") if "/probe.js" in each.attributes.get("src", "")
    ],
    "htmlhead": lambda page: page.all("meta", name="probe"),
    "message": lambda page: page.all(id="probe"),
}
PATHS = {
    "cssfile": "html head link",
    "cssstyle": "html head style",
    "javascript": "html body script",
    "javascript_file": "html body script",
    "htmlhead": "html head meta",
    "message": "html body aside div p",
}


@pytest.fixture(scope="module")
def site(probed: ProbedSite) -> ProbedSite:
    """A site with a plugin that answers all hooks of the page."""
    probed.run("probe", ANSWERS)
    return probed


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("hook", ANSWERS)
def test_it_is_asked_once_with_all_about_the_page_and_stands_in_its_place(
    site: ProbedSite, hook: str, viewer: str
) -> None:
    """Spec/hooks.md, scope "the page's"; issue 3: exact arguments, page and place, for each viewer."""
    site.calls()
    page = site.page("/groups/apollo/", viewer)
    assert [each.path for each in FIND[hook](page)] == [PATHS[hook]]
    assert site.calls_of(hook) == [
        {
            "viewer": f"User {viewer}" if viewer else None,
            "group": "Group apollo",
            "group_id": site.group_id("apollo"),
            "user": None,
            "user_id": None,
        }
    ]


@pytest.mark.parametrize("hook", ANSWERS)
@pytest.mark.parametrize(
    ("path", "viewer", "shown"),
    [
        ("/", "", 1),
        ("/login", "", 1),
        ("/admin/", "admin", 1),
        ("/groups/", "bob", 1),
        ("/groups/apollo/admin/plugins", "alice", 1),
        ("/groups/mercury/", "alice", 0),
        ("/groups/mercury/members", "", 0),
        ("/users/alice/", "bob", 1),
        ("/users/alice/", "", 1),
        ("/users/bob/", "alice", 0),
        ("/my/", "alice", 1),
        ("/my/settings", "bob", 0),
    ],
)
def test_the_owner_of_the_page_decides(
    site: ProbedSite, hook: str, path: str, viewer: str, shown: int
) -> None:
    """Design 5, Scope: a group's page asks the group, a person's the person, others the site."""
    site.calls()
    page = site.page(path, viewer)
    assert len(FIND[hook](page)) == shown
    assert len(site.calls_of(hook)) == shown


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_of_a_disabled_plugin_is_on_any_page(disabled: ProbedSite, viewer: str) -> None:
    """Design 6: off on the site."""
    for path in ("/", "/groups/apollo/", "/users/alice/"):
        page = disabled.page(path, viewer)
        assert not any(find(page) for find in FIND.values())


def test_pages_of_errors_have_them_too(site: ProbedSite) -> None:
    """A page that is refused is a page of the site, or of its group."""
    for path, viewer, status in (("/nothing", "", 404), ("/admin/", "bob", 403)):
        answer = site.as_(viewer).get(path)
        assert answer.status_code == status
        assert "Read this" in answer.text


def test_the_order_on_the_page(site: ProbedSite) -> None:
    """Files before what is inline, the core's before the plugins', the banner above the content."""
    page = site.page("/groups/apollo/")
    head, body = page.one("head"), page.one("body")
    tags = [each.tag for each in head.children if isinstance(each, Element)]
    assert tags[-3:] == ["link", "style", "meta"]
    (script,) = FIND["javascript"](page)
    assert list(body.inside())[-1] is script
    assert [each.tag for each in body.children if isinstance(each, Element)] == [
        *("a", "header", "aside", "main", "footer", "script", "script")
    ]
    assert page.one("aside", class_="site-message")["aria-label"] == "Announcement"


def test_the_policy_allows_what_is_inline_by_its_hash_and_nothing_else(site: ProbedSite) -> None:
    """Engineering B9; docs/decisions/0006: the same page has the same bytes and headers."""
    answers = [site.as_("").get("/groups/apollo/") for _time in range(2)]
    page = site.page("/groups/apollo/")
    policy = answers[0].headers["Content-Security-Policy"]
    for name, element in (("style-src", "style"), ("script-src", "script")):
        (inline,) = [each for each in page.all(element) if "src" not in each.attributes]
        digest = b64encode(sha256(inline.raw.encode()).digest()).decode()
        assert f"{name} 'self' 'sha256-{digest}'" in policy
    assert "nonce" not in policy
    assert answers[0].data == answers[1].data
    assert policy == answers[1].headers["Content-Security-Policy"]
    elsewhere = site.as_("").get("/groups/mercury/").headers["Content-Security-Policy"]
    assert "sha256" not in elsewhere


def test_a_script_stands_in_a_block_of_its_own(site: ProbedSite) -> None:
    """What one text declares does not meet what another declares."""
    (script,) = FIND["javascript"](site.page("/groups/apollo/"))
    assert script.raw == f"{{\n{SCRIPT}\n}}"
