"""What handlers and views give for menus and lists of links, as values that the templates draw."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel.speaklater import LazyString
from markupsafe import Markup

from portal.web.addresses import checked_text, checked_title, checked_url

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*\Z")
_ICON = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """A tab or an entry of a menu.

    ``key`` is what a page declares to mark the item as its own, and what others name in
    ``after`` to stand behind it. ``icon`` is a name of the icon set, ``count`` a number shown
    beside the title (None: no number). Raises ValueError for a value that cannot be drawn.
    """

    key: str
    title: str | LazyString
    url: str
    tooltip: str | LazyString = ""
    icon: str = ""
    count: int | None = None
    after: str = ""

    def __post_init__(self) -> None:
        owner = f"The menu item {self.key!r}"
        _check_key(self.key, owner)
        object.__setattr__(self, "title", checked_title(self.title, owner))
        object.__setattr__(self, "tooltip", checked_text(self.tooltip, owner))
        checked_url(self.url, owner)
        _check_count(self.count, owner)
        _check_icon(self.icon, owner)


@dataclass(frozen=True, kw_only=True)
class Selected:
    """Says which item of a menu stands for the page that is shown, whatever the page declares.

    ``key`` is the item's. It is no item itself and stands after nothing.
    """

    key: str
    after: str = field(default="", init=False)


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A menu as a layout draws it: its items, and the key of the one that is marked."""

    items: tuple[MenuItem, ...]
    selected: str = ""


def menu_of(found: Iterable[MenuItem | Selected], active: str = "") -> Menu:
    """Put together what handlers gave; the last ``Selected`` wins over ``active``, the page's own key."""
    items: list[MenuItem] = []
    for each in found:
        if isinstance(each, Selected):
            active = each.key
        else:
            items.append(each)
    return Menu(items=tuple(items), selected=active)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link with an explanation, for a list of links; ``section`` says which list of the page."""

    title: str | LazyString
    url: str
    description: str | LazyString = ""
    section: str = "utilities"

    def __post_init__(self) -> None:
        owner = f"The link {str(self.title)[:80]!r}"
        object.__setattr__(self, "title", checked_title(self.title, owner))
        object.__setattr__(self, "description", checked_text(self.description, owner))
        checked_url(self.url, owner)
        _check_key(self.section, f"The section of the link {self.title!r}")


@dataclass(frozen=True, kw_only=True)
class PublicAreaItem:
    """An entry of a group's public area: a tool or a place, with a few figures.

    ``count`` is a number beside the title (None: no number), ``summary`` further figures in words, as
    "3 open of 12". ``icon`` is a name of the icon set. Raises ValueError for a value that cannot be
    drawn.
    """

    title: str | LazyString
    url: str
    icon: str = ""
    summary: str | LazyString = ""
    count: int | None = None

    def __post_init__(self) -> None:
        owner = f"The public area item {str(self.title)[:80]!r}"
        object.__setattr__(self, "title", checked_title(self.title, owner))
        object.__setattr__(self, "summary", checked_text(self.summary, owner))
        checked_url(self.url, owner)
        _check_count(self.count, owner)
        _check_icon(self.icon, owner)


@dataclass(frozen=True, kw_only=True)
class Breadcrumb:
    """One step of the way from the front page to this one; the last one needs no address."""

    title: str | LazyString
    url: str = ""

    def __post_init__(self) -> None:
        owner = f"The breadcrumb {str(self.title)[:80]!r}"
        object.__setattr__(self, "title", checked_title(self.title, owner))
        if self.url:
            checked_url(self.url, owner)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled part of a page with markup of its own; the engine checks that it is balanced."""

    key: str
    title: str | LazyString
    html: Markup
    count: int | None = None

    def __post_init__(self) -> None:
        owner = f"The section {self.key!r}"
        _check_key(self.key, owner)
        object.__setattr__(self, "title", checked_title(self.title, owner))
        if not isinstance(self.html, Markup):
            raise TypeError(
                f"{owner} needs Markup; plain text is made markup by markupsafe.escape."
            )
        _check_count(self.count, owner)


def _check_key(key: object, owner: str) -> None:
    if not isinstance(key, str) or not _KEY.match(key):
        raise ValueError(f"{owner} needs a key of letters, digits, _ . : and -.")


def _check_icon(icon: str, owner: str) -> None:
    if icon and not _ICON.match(icon):
        raise ValueError(f"{owner} names the icon {icon!r}; give a name of the icon set.")


def _check_count(count: object, owner: str) -> None:
    if count is None:
        return
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        raise ValueError(f"{owner} has the count {count!r}; give a whole number from 0, or None.")
