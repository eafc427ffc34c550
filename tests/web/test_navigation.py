"""Navigation and asset values: what cannot be drawn safely cannot be made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.web.assets import Asset
from portal.web.navigation import Breadcrumb, Link, MenuItem, PublicAreaItem, Section

UNSAFE = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    " /x",
    "//evil.example/x",
    "/\\evil.example",
    "data:text/html,x",
    "mailto:bob@example.org",
    "relative/path",
    "http:/x",
    "",
    None,
]


def menu_item(**given: Any) -> MenuItem:
    """A tab with what a test does not care about."""
    return MenuItem(**{"key": "wiki", "title": "Wiki", "url": "/x", **given})


@pytest.mark.parametrize(
    "url", ["/", "/groups/apollo?x=1#y", "?tab=1", "#top", "https://a.example/"]
)
def test_addresses_of_the_site_and_of_the_web_are_fine(url: str) -> None:
    """Relative to the site, or http(s)."""
    assert menu_item(url=url).url == url
    assert Link(title="x", url=url).url == url
    assert Asset(kind="css", url=url).url == url
    assert Breadcrumb(title="x", url=url).url == url


@pytest.mark.parametrize("url", UNSAFE)
def test_other_addresses_are_refused(url: Any) -> None:
    """Never ``javascript:``, nor what a browser reads otherwise than we do."""
    with pytest.raises(ValueError, match="address"):
        menu_item(url=url)
    with pytest.raises(ValueError, match="address"):
        Asset(kind="css", url=url)


@pytest.mark.parametrize("title", ["", "  ", None])
def test_a_title_is_needed(title: Any) -> None:
    """Nobody can click nothing."""
    for make in (
        menu_item,
        lambda title: Link(title=title, url="/x"),
        lambda title: Breadcrumb(title=title),
    ):
        with pytest.raises(ValueError, match="title"):
            make(title=title)


@pytest.mark.parametrize("title", [LazyString(lambda: "<b>"), Markup("<b>")])
def test_titles_are_plain_text_whatever_they_call_themselves(title: Any) -> None:
    """So that templates escape them; lazy strings and markup would pass unescaped."""
    assert type(menu_item(title=title).title) is str
    assert menu_item(title=title).title == "<b>"
    assert type(menu_item(tooltip=title).tooltip) is str


@pytest.mark.parametrize(
    "wrong",
    [{"key": ""}, {"key": "a b"}, {"count": -1}, {"count": "3"}, {"count": True}, {"icon": 'x"'}],
)
def test_other_values_that_cannot_be_drawn_are_refused(wrong: dict[str, Any]) -> None:
    """Keys, counts and icons."""
    with pytest.raises(ValueError, match="menu item"):
        menu_item(**wrong)


def test_a_section_holds_markup() -> None:
    """Text would be escaped or not, depending on the template."""
    assert Section(key="x", title="X", html=Markup("<p>x</p>"), count=0).count == 0
    with pytest.raises(TypeError, match="Markup"):
        Section(key="x", title="X", html="<p>x</p>")  # type: ignore[arg-type]


def test_an_asset_knows_its_kinds_and_media() -> None:
    """css, js, module."""
    assert Asset(kind="css", url="/x.css").media == "all"
    assert Asset(kind="css", url="/x.css", media="screen and (min-width: 40em)")
    with pytest.raises(ValueError, match="kind"):
        Asset(kind="image", url="/x.png")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="media"):
        Asset(kind="css", url="/x.css", media='"><script>')


def test_the_values_are_frozen_and_named() -> None:
    """Values that cross packages are frozen dataclasses."""
    item = menu_item()
    with pytest.raises(FrozenInstanceError):
        item.title = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        Link("x", "/x")  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"url": url} for url in UNSAFE),
        {"title": " "},
        {"count": -1},
        {"count": True},
        {"icon": "No Icon"},
        {"summary": "x" * 2001},
    ],
)
def test_an_entry_of_the_public_area_that_cannot_be_drawn_cannot_be_made(
    wrong: dict[str, Any],
) -> None:
    """Forge 2, project_public_area: a link with figures."""
    PublicAreaItem(title="Wiki", url="/x", icon="bug", summary=Markup("<b>"), count=0)
    with pytest.raises(ValueError, match="public area item"):
        PublicAreaItem(**{"title": "Wiki", "url": "/x", **wrong})
